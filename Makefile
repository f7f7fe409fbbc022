# SPDX-License-Identifier: Apache-2.0
# Two commands: `make run` shows the whole clinic, `make check` proves it. `make help` lists the rest.
# The library rooms are compiled without httpd's headers and only store/ sees <mysql.h>, so a layering mistake does
# not even compile; tests/guards says the same with nm.

PORT    ?= 8080
RUN_DIR ?= build/run
BUILD   ?= build
# One name for one folder: a dependency file names its target as make was asked for it, and the test runner asks with
# the whole path.
override BUILD := $(patsubst $(CURDIR)/%,%,$(BUILD))
PYTHON  ?= /usr/bin/python3
APXS    ?= $(firstword $(wildcard /usr/bin/apxs /usr/sbin/apxs) apxs)
KIND    ?=
# Minutes that each of the long fault tests shall take; they take seconds otherwise.
LONG    ?=
# The day the tests live on, from noon on (2026-11-28), or the minute they begin at (2026-11-28 23:55); UTC.
DATE    ?=
# Minutes of `make fuzz`, for all its targets together.
MINUTES ?= 10
# Single files of tests (tests/http/identity/test_login.py tests/unit/core/text/test_buf.c) instead of all.
ONLY    ?=
# HL7's fhir-single.xsd, when there is one: make run then validates every claim against it.
FHIR_SCHEMA ?=
V       ?= 0
export PYTHON
cmd      = $(if $(filter 0,$(V)),@echo "  $(1) $(2)"; )

# Plain objects are always hardened; -Werror is for everyone because both compilers of Debian 12 are clean.
WARN     := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wimplicit-fallthrough -Werror
OPTIMIZE ?= -O2 -D_FORTIFY_SOURCE=2
HARDEN   := -fstack-protector-strong -fno-strict-overflow
CSTD     := -std=c11 -pipe -g -fPIC -fvisibility=hidden
SAN      := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -O1 -U_FORTIFY_SOURCE

# Nothing here may fail on a machine that has no tools yet: `make deps` must still be able to start.
PACKAGES := apr-1 apr-util-1 libxml-2.0 jansson glib-2.0 libical libsodium icu-uc icu-i18n libcurl
system    = $(patsubst -I%,-isystem %,$(1))
APR_DEFS := $(shell apr-1-config --cppflags 2>/dev/null)
LIB_INC  := $(call system,$(shell pkg-config --cflags $(PACKAGES) 2>/dev/null))
DB_INC   := $(call system,$(shell pkg-config --cflags libmariadb 2>/dev/null))
HTTPD_INC := $(call system,-I$(shell $(APXS) -q INCLUDEDIR 2>/dev/null))
LIBS     := $(shell pkg-config --libs $(PACKAGES) libmariadb 2>/dev/null) -lzxcvbn -lzint
LDFLAGS  += -Wl,-z,relro,-z,now -Wl,-z,noexecstack -Wl,--as-needed

BASE     = $(CSTD) $(WARN) $(HARDEN) $(APR_DEFS) -Iinclude -I. $(LIB_INC)
# What each room may see. module/ keeps default visibility because httpd must find regen_module; the version script
# below hides the rest.
INC_store  = $(DB_INC)
INC_module = $(HTTPD_INC) -fvisibility=default
INC_web    = $(HTTPD_INC)

LIB_ROOMS  := core clinic store render
GLUE_ROOMS := module web
c_below   = $(sort $(shell find $(addprefix mod_regen/,$(1)) -name '*.c'))
lib_src  := $(call c_below,$(LIB_ROOMS))
glue_src := $(call c_below,$(GLUE_ROOMS))
tool_src := $(call c_below,tools)
lib_obj  := $(lib_src:%.c=$(BUILD)/obj/%.o)
glue_obj := $(glue_src:%.c=$(BUILD)/obj/%.o)
tool_obj := $(tool_src:%.c=$(BUILD)/obj/%.o)
san_obj  := $(lib_src:%.c=$(BUILD)/san/obj/%.o)
san_glue := $(glue_src:%.c=$(BUILD)/san/obj/%.o)

.DEFAULT_GOAL := build
.PHONY: build compile_commands archive module tool san san-module tsan clock unit-bin store-bin fuzz-bin libfuzzer fuzz bench-bin deps deps-check run stop check \
        bench format clean help tools-present install uninstall serve-deps
.DELETE_ON_ERROR:
.SECONDARY:

help:
	@echo 'make run      install what is missing, build, start the sample clinic on 127.0.0.1:$$PORT under $$RUN_DIR, walk a patient through it'
	@echo 'make stop     end what make run started under $$RUN_DIR'
	@echo 'make check    install what is missing and run every test; KIND=unit runs one kind (guards unit fuzz store http browser faults threads dates),'
	@echo '              ONLY=tests/http/identity/test_login.py one file or several, DATE=2026-11-28 on another day, LONG=10 the storms for minutes, threads under ThreadSanitizer and a set of dates'
	@echo 'make build    build/mod_regen.so, build/regenctl, build/libregen.a'
	@echo 'make install  what was built, with schema, templates and static files, each file by rename: PREFIX=/usr DESTDIR=; make uninstall'
	@echo 'make serve-deps  on the web server: the packages that the module and regenctl need to run; no compiler'
	@echo 'make bench    measure, side by side with bare loops'
	@echo 'make format   clang-format every C file in place'
	@echo 'make tsan     what KIND=threads runs: tests with threads, and the module, with ThreadSanitizer in build/tsan'
	@echo 'make fuzz     MINUTES=10 let libFuzzer look for inputs that break a parser, all targets together; FUZZ_ONLY="json xml" some of them,'
	@echo '              FUZZ_KEEP=1 takes what reached new code into tests/fuzz/corpus'
	@echo 'make compile_commands  build/compile_commands.json: how each file is compiled, for editors and for what reads C'
	@echo 'make clean    remove what was built (not a running clinic)'

build: archive $(if $(glue_src),module) $(if $(tool_src),tool)
archive: $(BUILD)/libregen.a
module: $(BUILD)/mod_regen.so
tool: $(BUILD)/regenctl
san: $(BUILD)/san/libregen.a
san-module: $(BUILD)/san/mod_regen.so

tools-present:
	@command -v pkg-config >/dev/null && command -v $(APXS) >/dev/null || { echo 'build tools are missing: run `make deps`' >&2; exit 1; }

# Objects depend on the words they were compiled with, so a change of flags or compiler rebuilds and nothing else does.
FLAGS_NOW = $(CC) $(CFLAGS) $(OPTIMIZE) $(BASE) $(INC_store) $(INC_module) $(INC_web) $(TEST_INC) $(SAN) $(LDFLAGS) $(LIBS)
$(BUILD)/flags: tools-present
	@mkdir -p $(@D); printf '%s\n' '$(FLAGS_NOW)' | cmp -s - $@ || printf '%s\n' '$(FLAGS_NOW)' >$@

room = $(word 2,$(subst /, ,$(1)))

$(BUILD)/obj/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call cmd,CC,$<)$(CC) $(BASE) $(INC_$(call room,$<)) $(OPTIMIZE) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/san/obj/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call cmd,CC,$<)$(CC) $(BASE) $(INC_$(call room,$<)) $(CFLAGS) $(SAN) -MMD -MP -c -o $@ $<

# The list of sources is part of what is built: a deleted file must not live on in the archive.
$(BUILD)/sources: $(BUILD)/flags
	@echo $(lib_src) $(glue_src) $(tool_src) | cmp -s - $@ || echo $(lib_src) $(glue_src) $(tool_src) >$@
.PHONY: sources-now
$(BUILD)/sources: sources-now

$(BUILD)/libregen.a: $(lib_obj) $(BUILD)/sources
	@rm -f $@.new
	@ar qcs $@.new $(lib_obj) && mv $@.new $@

$(BUILD)/san/libregen.a: $(san_obj) $(BUILD)/sources
	@mkdir -p $(@D); rm -f $@.new
	@ar qcs $@.new $(san_obj) && mv $@.new $@

$(BUILD)/regen.map: $(BUILD)/flags
	@printf '{ global: regen_module; local: *; };\n' >$@

$(BUILD)/mod_regen.so: $(glue_obj) $(BUILD)/libregen.a $(BUILD)/regen.map $(BUILD)/sources
	$(call cmd,LD,$@)$(CC) -shared -o $@ $(glue_obj) $(BUILD)/libregen.a $(LDFLAGS) -Wl,--version-script=$(BUILD)/regen.map $(LIBS)

# The same module with sanitizers; tests/lib/httpd.sh loads it when SANITIZED=1.
$(BUILD)/san/mod_regen.so: $(san_glue) $(BUILD)/san/libregen.a $(BUILD)/regen.map
	$(call cmd,LD,$@)$(CC) -shared $(SAN) -o $@ $(san_glue) $(BUILD)/san/libregen.a -Wl,--version-script=$(BUILD)/regen.map $(LIBS)

$(BUILD)/regenctl: $(tool_obj) $(BUILD)/libregen.a
	$(call cmd,LD,$@)$(CC) -pie -o $@ $(tool_obj) $(BUILD)/libregen.a $(LDFLAGS) $(LIBS)

comma := ,
# How every file is compiled, for what reads C as the compiler does: tests/guards/analyzers.py, and editors.
all_src   = $(lib_src) $(glue_src) $(tool_src) $(sort $(shell find tests -name '*.c'))
compiled  = $(CC) $(BASE) $(INC_$(call room,$(1))) $(if $(filter tests/%,$(1)),$(TEST_INC)) $(OPTIMIZE) $(CFLAGS) -c $(1)
command   = {"directory": "$(CURDIR)", "file": "$(1)", "command": "$(subst ",\",$(call compiled,$(1)))"}
compile_commands: $(BUILD)/compile_commands.json
$(BUILD)/compile_commands.json: $(BUILD)/flags sources-now
	$(file >$@,[)
	$(foreach f,$(all_src),$(file >>$@,$(if $(filter-out $(firstword $(all_src)),$(f)),$(comma))$(call command,$(f))))
	$(file >>$@,])

# --- tests: one program per file, linked to the sanitized archive; other .c files of the kind are shared helpers ---------

# Headers that tests share are named without their folder.
TEST_INC = $(DB_INC) -Itests/lib -Itests/unit/lib -Itests/store/lib -Itests/fuzz/lib
tests_of = $(sort $(shell find tests/$(1) -name '$(2)_*.c'))
help_of  = $(filter-out tests/fuzz/lib/replay.c,$(sort $(shell find tests/$(1) -name '*.c' ! -name '$(2)_*.c')))
bin_of   = $(patsubst tests/%.c,$(BUILD)/san/%,$(call tests_of,$(1),$(2)))
hobj_of  = $(patsubst %.c,$(BUILD)/san/obj/%.o,$(call help_of,$(1),$(2)))

$(BUILD)/san/obj/tests/%.o: tests/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call cmd,CC,$<)$(CC) $(BASE) $(TEST_INC) $(CFLAGS) $(SAN) -MMD -MP -c -o $@ $<

unit_help  := $(call hobj_of,unit,test)
store_help := $(call hobj_of,store,test)
fuzz_help  := $(call hobj_of,fuzz,fuzz)

$(BUILD)/san/unit/%: $(BUILD)/san/obj/tests/unit/%.o $(unit_help) $(BUILD)/san/libregen.a
	@mkdir -p $(@D)
	$(call cmd,LD,$@)$(CC) $(SAN) -o $@ $^ $(LIBS) -lcmocka

$(BUILD)/san/store/%: $(BUILD)/san/obj/tests/store/%.o $(store_help) $(BUILD)/san/libregen.a
	@mkdir -p $(@D)
	$(call cmd,LD,$@)$(CC) $(SAN) -o $@ $^ $(LIBS) -lcmocka -lpthread

$(BUILD)/san/threads/%: $(BUILD)/san/obj/tests/threads/%.o $(BUILD)/san/libregen.a
	@mkdir -p $(@D)
	$(call cmd,LD,$@)$(CC) $(SAN) -o $@ $^ $(LIBS) -lpthread

# Who calls a fuzz target: replay.c with the corpus, or libFuzzer (`make libfuzzer`).
FUZZ_MAIN = $(BUILD)/san/obj/tests/fuzz/lib/replay.o
FUZZ_LINK =
$(BUILD)/san/fuzz/%: $(BUILD)/san/obj/tests/fuzz/%.o $(FUZZ_MAIN) $(fuzz_help) $(BUILD)/san/libregen.a
	@mkdir -p $(@D)
	$(call cmd,LD,$@)$(CC) $(SAN) $(FUZZ_LINK) -o $@ $^ $(LIBS)

# Preloaded into processes under test, moves their wall clock (make check DATE=...).
clock: $(BUILD)/clock.so
$(BUILD)/clock.so: tests/lib/clock.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call cmd,LD,$@)$(CC) $(CSTD) $(WARN) $(HARDEN) $(OPTIMIZE) -shared -o $@ $<

unit-bin: $(call bin_of,unit,test)
store-bin: $(call bin_of,store,test)
fuzz-bin: $(call bin_of,fuzz,fuzz)

# libFuzzer wants clang and its own instrumentation of the whole library: a build of its own beside the normal one.
libfuzzer:
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/libfuzzer CC=clang FUZZ_MAIN= FUZZ_LINK=-fsanitize=fuzzer \
	  SAN='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -O1 -U_FORTIFY_SOURCE' fuzz-bin

# Every access of every thread is watched: the unit and store tests that have threads, and httpd's module. Not together with
# AddressSanitizer, so it is a build of its own beside the normal one.
TSAN      = -fsanitize=thread -fno-omit-frame-pointer -O1 -U_FORTIFY_SOURCE
tsan_src  = $(sort $(shell grep -rlE --include='test_*.c' '(apr_thread|pthread)_create|store_test_threads' tests/unit tests/store))
tsan:
	$(MAKE) BUILD=$(BUILD)/tsan SAN='$(TSAN)' $(tsan_src:tests/%.c=$(BUILD)/tsan/san/%) $(BUILD)/tsan/san/threads/planted san-module

# Bench programs are measured, so they are built as shipped: optimized, no sanitizer.
bench_src := $(sort $(wildcard tests/bench/*.c))
bench_bin := $(bench_src:tests/%.c=$(BUILD)/%)
$(BUILD)/obj/tests/%.o: tests/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call cmd,CC,$<)$(CC) $(BASE) $(TEST_INC) $(OPTIMIZE) $(CFLAGS) -MMD -MP -c -o $@ $<
$(BUILD)/bench/%: $(BUILD)/obj/tests/bench/%.o $(BUILD)/libregen.a
	@mkdir -p $(@D)
	$(call cmd,LD,$@)$(CC) -o $@ $^ $(LDFLAGS) $(LIBS) -lpthread
# tests/bench/tape.h listens to what the store says to the database.
$(BUILD)/bench/bench_booking $(BUILD)/bench/journey_bare: LDFLAGS += $(addprefix -Wl$(comma)--wrap=,rg_sql_exec rg_sql_exec_rows rg_sql_query rg_conn_run)
bench-bin: $(bench_bin)

-include $(shell find $(BUILD)/obj $(BUILD)/san/obj -name '*.d' 2>/dev/null)

# --- the commands ------------------------------------------------------------------------------------------------------

deps:
	@sh tests/lib/deps.sh run

deps-check:
	@sh tests/lib/deps.sh run check

serve-deps:
	@sh tests/lib/deps.sh serve

PREFIX  ?= /usr
DESTDIR ?=
MODULES ?= $(shell $(APXS) -q LIBEXECDIR 2>/dev/null)
# Not from build: whoever installs need not compile.
install uninstall:
	@DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' MODULES='$(or $(MODULES),/usr/lib/apache2/modules)' BUILD='$(BUILD)' sh conf/install.sh $@

# A fresh make after deps: the flags above were empty before the tools were there.
run: deps
	@$(MAKE) --no-print-directory -j$$(nproc) build
	@PORT='$(PORT)' RUN_DIR='$(RUN_DIR)' BUILD='$(BUILD)' FHIR_SCHEMA='$(abspath $(FHIR_SCHEMA))' sh tests/lib/clinic.sh run

stop:
	@RUN_DIR='$(RUN_DIR)' sh tests/lib/clinic.sh stop

check: deps-check
	@BUILD='$(BUILD)' REGEN_LONG='$(LONG)' REGEN_DATE='$(DATE)' REGEN_ONLY_FILES='$(ONLY)' $(PYTHON) tests/run $(KIND)

fuzz: deps-check
	@$(MAKE) --no-print-directory -j$$(nproc) libfuzzer
	@BUILD='$(BUILD)' $(PYTHON) tests/fuzz/run.py '$(MINUTES)'

bench: deps-check
	@$(MAKE) --no-print-directory -j$$(nproc) build bench-bin
	@BUILD='$(BUILD)' $(PYTHON) tests/bench/run.py

format:
	clang-format -i $$(find include mod_regen tests -name '*.[ch]')

clean:
	rm -rf $(BUILD)/obj $(BUILD)/san $(BUILD)/libfuzzer $(BUILD)/fuzz $(BUILD)/bench $(BUILD)/test $(BUILD)/clang $(BUILD)/gcc \
	  $(BUILD)/tsan $(BUILD)/analyzers $(BUILD)/compile_commands.json \
	  $(BUILD)/libregen.a $(BUILD)/mod_regen.so $(BUILD)/regenctl $(BUILD)/clock.so $(BUILD)/regen.map $(BUILD)/flags $(BUILD)/sources
