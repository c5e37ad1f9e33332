// SPDX-License-Identifier: GPL-2.0-or-later

package lab

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"govdsm/lab/internal/wire"
)

// emulator is QEMU's program.
const emulator = "qemu-system-x86_64"

// machine is one run of QEMU, from switching on to switching off.
type machine struct {
	process *os.Process
	line    []string      // its command line, for the artefacts
	gone    chan struct{} // closed when QEMU has ended
	verdict error         // how it ended; to be read after gone
}

// plan collects QEMU's arguments and the files it inherits. All sockets and
// disks are inherited: nothing has a path that could be left over or be taken.
type plan struct {
	args  []string
	files []*os.File // QEMU's copies, closed here once it runs
}

func (p *plan) add(args ...string) { p.args = append(p.args, args...) }

// inherit returns the number under which QEMU will know the file.
func (p *plan) inherit(f *os.File) int {
	p.files = append(p.files, f)
	return 2 + len(p.files) // after standard input, output and error
}

// socket returns our end of a new connection with QEMU and QEMU's number of
// the other end.
func (p *plan) socket() (net.Conn, int, error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, 0, fmt.Errorf("lab: socket pair: %w", err)
	}
	ours := os.NewFile(uintptr(fds[0]), "lab")
	defer ours.Close()
	theirs := p.inherit(os.NewFile(uintptr(fds[1]), "qemu"))
	conn, err := net.FileConn(ours)
	return conn, theirs, err
}

// drop closes the copies of QEMU's files that are ours.
func (p *plan) drop() {
	for _, f := range p.files {
		f.Close()
	}
}

// newPlan starts a command line with what every machine has. On a panic QEMU
// ends, as it does when the guest resets itself.
func newPlan(k *kit, memory, cpus int) (*plan, error) {
	p := &plan{}
	start, err := reopen(k.initramfs)
	if err != nil {
		return nil, err
	}
	initrd := p.inherit(start)
	p.add("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
		"-M", "q35", "-accel", k.accelerator, "-cpu", cpuModel(k.accelerator),
		"-smp", fmt.Sprint(cpus), "-m", fmt.Sprint(memory), "-serial", "stdio",
		"-kernel", k.kernel.image, "-initrd", fmt.Sprintf("/dev/fd/%d", initrd),
		"-append", "console=ttyS0 earlyprintk=serial,ttyS0 loglevel=7 panic=-1 "+kernelOptions+" "+
			wire.ModulesParameter+k.kernel.modules)
	return p, nil
}

// kernelOptions save time at boot, or keep names as they were for decades. That
// the kernel tells all on its console costs nothing that can be measured.
const kernelOptions = "net.ifnames=0 mitigations=off nokaslr audit=0 cryptomgr.notests random.trust_cpu=on " +
	"no_timer_check tsc=reliable rcupdate.rcu_expedited=1 8250.nr_uarts=1 lsm=capability"

func cpuModel(accelerator string) string {
	if strings.HasPrefix(accelerator, "kvm") {
		return "host"
	}
	return "max,la57=off" // five-level page tables only make the emulation slower
}

// start runs QEMU. One goroutine, locked to its thread, owns the process: the
// kernel kills QEMU when that thread ends, and so when this process dies in
// whatever way.
func (p *plan) start(console, complaints *record) (*machine, error) {
	m := &machine{line: append([]string{emulator}, p.args...), gone: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		cmd := exec.Command(m.line[0], p.args...)
		cmd.Stdout, cmd.Stderr = console, complaints
		cmd.ExtraFiles = p.files
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
		err := cmd.Start()
		p.drop()
		if err != nil {
			started <- fmt.Errorf("lab: start QEMU: %w", err)
			return
		}
		m.process = cmd.Process
		started <- nil
		m.verdict = cmd.Wait()
		close(m.gone)
	}()
	return m, <-started
}

// ended tells how QEMU ended. It must have.
func (m *machine) ended() string {
	if m.verdict == nil {
		return "ended by itself"
	}
	return "ended: " + m.verdict.Error()
}

// kill is pulling the power cord.
func (m *machine) kill() {
	_ = m.process.Kill()
	<-m.gone
}

// reopen returns another descriptor of the same file for QEMU to inherit.
func reopen(f *os.File) (*os.File, error) {
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, fmt.Errorf("lab: duplicate %s: %w", f.Name(), err)
	}
	return os.NewFile(uintptr(fd), f.Name()), nil
}
