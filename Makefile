# SPDX-License-Identifier: GPL-2.0
#
# What builds the module is in Kbuild; this is for people. See "make help".

KDIR ?= /lib/modules/$(shell uname -r)/build
KERNEL ?= 6.1
PREFIX ?= /usr
VM := selftests/vm
HEADERS := include/uapi/linux/wrtcsub.h include/uapi/linux/wrtcsub_diag.h
export PREFIX DESTDIR

# Where the modules go, and for which kernel.
MOD_ROOT = $(or $(INSTALL_MOD_PATH),$(DESTDIR))
RELEASE = $(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' \
	$(KDIR)/include/generated/utsrelease.h 2> /dev/null)
MODULES = $(MOD_ROOT)/lib/modules/$(RELEASE)
# The kernel's own modules_install leaves this out where there is no System.map,
# as in the headers of distributions; modprobe would not find the modules.
DEPMOD = PATH=$$PATH:/usr/sbin:/sbin depmod $(addprefix -b ,$(MOD_ROOT)) \
	$(RELEASE)

all: modules tools

modules:
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

tools:
	$(MAKE) -C tools

install: modules_install install_user

# All but the module.
install_user:
	$(MAKE) -C tools install install_share
	install -d $(DESTDIR)$(PREFIX)/include/linux
	install -m 644 $(HEADERS) $(DESTDIR)$(PREFIX)/include/linux
	install -D -m 644 Documentation/wrtcsub.7 \
		$(DESTDIR)$(PREFIX)/share/man/man7/wrtcsub.7

modules_install: modules
	$(MAKE) -C $(KDIR) M=$(CURDIR) INSTALL_MOD_DIR=updates \
		INSTALL_MOD_PATH=$(MOD_ROOT) $@
	$(DEPMOD)

# Those of the module that modules_install puts there: DKMS has others beside.
# Without headers it is not known which kernel's to look for.
uninstall:
	dir=updates/net/wrtcsub; \
	if [ -n "$(RELEASE)" ] && [ -d $(MODULES)/$$dir ]; then \
		rm -f $(MODULES)/$$dir/wrtcsub*.ko* && \
		(cd $(MODULES) && \
		 rmdir -p --ignore-fail-on-non-empty $$dir) && \
		$(DEPMOD); \
	fi
	$(MAKE) -C tools uninstall uninstall_share
	rm -f $(HEADERS:include/uapi/%=$(DESTDIR)$(PREFIX)/include/%) \
		$(DESTDIR)$(PREFIX)/share/man/man7/wrtcsub.7

# As "make kselftest-install" of a kernel tree.
kselftest-install: setup
	$(VM)/build.sh kselftest $(or $(INSTALL_PATH),$(DESTDIR)/usr/lib/kselftest)

deb: setup
	tools/deb.sh

clean:
	$(MAKE) -C $(KDIR) M=$(CURDIR) clean
	$(MAKE) -C tools clean

setup:
	$(VM)/setup.sh

check: setup
	$(VM)/check.sh unit 6.1:1/2 6.1:2/2 6.12:1/2 6.12:2/2

check-unit: setup
	$(VM)/check.sh unit

model: setup
	tools/model/check.sh

fuzz: setup
	selftests/fuzz/run.sh $(or $(FUZZ_TIME),600)

# 10,000 substreams, both ends here, while others come and go.
check-dump: setup
	$(VM)/run.sh -k $(KERNEL) -t dump -l 3600 -e WRTCSUB_DUMP=20000

check-long: check-dump
	$(VM)/run.sh -k $(KERNEL) -t churn -t unload -l 3600 -T 7200 \
		-e WRTCSUB_CHURN=200000 -e WRTCSUB_ROUNDS=200
	$(VM)/run.sh -k $(KERNEL) -c /selftests/net/wrtcsub/unanswered

# What is set of these goes on to the programs.
FUZZ_VARS := WRTCSUB_SEED WRTCSUB_ROUNDS WRTCSUB_TIME WRTCSUB_TRACE
FUZZ_RUN = $(VM)/run.sh -k $(KERNEL) \
	$(if $(WRTCSUB_TIME),-T $$(($(WRTCSUB_TIME) + 1800))) \
	$(foreach var,$(FUZZ_VARS),$(if $($(var)),-e $(var)=$($(var)))) -c

check-fuzz: setup
	$(FUZZ_RUN) /selftests/net/wrtcsub/callfuzz
	$(FUZZ_RUN) /selftests/net/wrtcsub/hostile

# 1 GiB over each bad link, and 1000 associations that are ended.
check-torture: setup
	$(VM)/run.sh -k $(KERNEL) -T 36000 \
		-e WRTCSUB_MIB=$(or $(WRTCSUB_MIB),1024) \
		-c /selftests/net/wrtcsub/torture
	$(VM)/run.sh -k $(KERNEL) -T 36000 \
		-e WRTCSUB_ROUNDS=$(or $(WRTCSUB_ROUNDS),1000) \
		$(if $(WRTCSUB_SEED),-e WRTCSUB_SEED=$(WRTCSUB_SEED)) \
		-c /selftests/net/wrtcsub/abort

check-fault: setup
	$(VM)/run.sh -k debug -t fault -t inbound -l 5000 -T 9000

check-vm: setup
	$(VM)/check.sh $(KERNEL)

check-debug: setup
	$(VM)/debug.sh $(if $(SHORT),short $(QUARTER))

check-coverage: setup
	$(VM)/debug.sh all

vm: setup
	$(VM)/run.sh -k $(KERNEL) -s

check-kcsan: setup
	$(VM)/check.sh kcsan:1/2 kcsan:2/2

check-deb: setup
	selftests/system/install.sh
	selftests/system/run.sh -k $(KERNEL) deb

check-ss: setup
	selftests/system/run.sh -k $(KERNEL) ss

check-bpftrace: setup
	selftests/system/run.sh -k $(KERNEL) bpftrace

check-interop: setup
	selftests/interop/run.sh -k $(KERNEL) $(if $(SHORT),-s)

check-wireshark:
	$(VM)/setup.sh tshark
	tools/wireshark/check.py

check-programs: setup
	selftests/programs/run.sh -k $(KERNEL)

demo: setup
	selftests/demo.sh

lint: setup
	$(VM)/lint.sh

help:
	@echo 'all            the module for KDIR=$(KDIR), and the tool'
	@echo 'install        both; uninstall removes them'
	@echo '               (KDIR, INSTALL_MOD_PATH, DESTDIR, PREFIX)'
	@echo 'check          unit tests, and the selftests in VMs on Linux 6.1 and 6.12'
	@echo 'check-unit     only the unit tests'
	@echo 'model          the life of a substream, checked by spin'
	@echo 'fuzz           libFuzzer on what reads from the wire, FUZZ_TIME=600 s'
	@echo 'check-vm       the selftests on one kernel: KERNEL=6.1, 6.12 or debug'
	@echo 'check-debug    the selftests on the newest kernel with its checkers on;'
	@echo '               builds it first, 20 minutes on two cores; and what they'
	@echo '               execute of the module: 95 % of lines and 80 % of branches'
	@echo '               at least; SHORT=1 takes each program over IPv4 or IPv6,'
	@echo '               QUARTER=1 (2, 3, 4) only some of these'
	@echo 'check-kcsan    the selftests on that kernel with the sanitizer for data races,'
	@echo '               and without the others'
	@echo 'check-coverage the selftests, faults, a fuzzer, a hostile peer, aborts, on that'
	@echo '               kernel: 95 % of lines and 85 % of branches at least'
	@echo 'check-dump     sock_diag while 10,000 substreams and others come and go'
	@echo 'check-long     that, and for an hour 200,000 substreams, 200 times unloaded'
	@echo 'check-fuzz     random system calls and a hostile peer: KERNEL=6.1, 6.12 or'
	@echo '               debug; WRTCSUB_SEED, WRTCSUB_ROUNDS, WRTCSUB_TIME=SECONDS,'
	@echo '               WRTCSUB_TRACE=1'
	@echo 'check-torture  1 GiB over each kind of bad link, 1000 associations aborted:'
	@echo '               KERNEL=6.1, 6.12 or debug; WRTCSUB_MIB, WRTCSUB_ROUNDS,'
	@echo '               WRTCSUB_SEED; an hour or two'
	@echo 'check-fault    each allocation fails in turn, on the kernel of check-debug'
	@echo 'check-interop  against usrsctp, pion, aiortc, js-libp2p: KERNEL=6.1, 6.12 or'
	@echo '               debug; SHORT=1 carries less'
	@echo 'check-deb      the packages of "make deb", and "make install": KERNEL=6.1'
	@echo 'check-ss       ss --wrtcsub of a patched iproute2: likewise'
	@echo 'check-bpftrace the scripts of tools/bpftrace: likewise'
	@echo 'check-wireshark  the dissector of tools/wireshark, with tshark'
	@echo 'check-programs programs of Debian under "wrtcsub run": KERNEL=6.1 or 6.12'
	@echo 'demo           files sent over a slow and lossy link, in a VM'
	@echo 'vm             a shell in a VM with the module loaded (KERNEL=...)'
	@echo 'deb            packages for Debian; it prints where they are'
	@echo 'kselftest-install  the selftests, to INSTALL_PATH'
	@echo 'lint           shellcheck, sparse, checkpatch, kernel-doc, W=1; builds the'
	@echo '               kernel of check-debug first'
	@echo 'setup          install what these need (Debian 12)'
	@echo 'clean          remove what make made in the tree'

.PHONY: all modules tools install modules_install uninstall clean setup \
	check check-unit check-vm check-debug check-coverage check-kcsan \
	check-dump check-long check-fuzz check-torture check-fault check-interop \
	check-deb check-ss check-bpftrace \
	install_user kselftest-install deb check-wireshark check-programs \
	model fuzz vm demo lint help
