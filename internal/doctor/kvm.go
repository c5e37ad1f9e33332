// SPDX-License-Identifier: GPL-2.0-or-later

package doctor

import (
	"encoding/binary"
	"fmt"
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Numbers of linux/kvm.h. The structures of the x86 registers are 312 and 144
// bytes long, of which we touch three fields.
const (
	kvmGetAPIVersion       = 0xae00
	kvmCreateVM            = 0xae01
	kvmGetVCPUMmapSize     = 0xae04
	kvmCreateVCPU          = 0xae41
	kvmRun                 = 0xae80
	kvmSetUserMemoryRegion = 0x4020ae46
	kvmGetSRegs            = 0x8138ae83
	kvmSetSRegs            = 0x4138ae84
	kvmSetRegs             = 0x4090ae82

	kvmAPIVersion = 12
	kvmExitHLT    = 5
)

// runGuest makes a guest of one page and one processor and, on x86, runs its
// only instruction, a halt.
func runGuest(device string) error {
	f, err := os.OpenFile(device, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	kvm := int(f.Fd())
	if v, err := control("KVM_GET_API_VERSION", kvm, kvmGetAPIVersion, 0); err != nil || v != kvmAPIVersion {
		return fmt.Errorf("version %d: %w", v, err)
	}
	vm, err := control("KVM_CREATE_VM", kvm, kvmCreateVM, 0)
	if err != nil || runtime.GOARCH != "amd64" {
		return err
	}
	defer unix.Close(vm)
	memory, err := unix.Mmap(-1, 0, os.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_ANONYMOUS)
	if err != nil {
		return err
	}
	defer unix.Munmap(memory)
	memory[0] = 0xf4 // hlt
	region := struct {
		slot, flags           uint32
		guest, size, userland uint64
	}{size: uint64(len(memory)), userland: uint64(uintptr(unsafe.Pointer(&memory[0])))}
	if _, err := control("KVM_SET_USER_MEMORY_REGION", vm, kvmSetUserMemoryRegion, uintptr(unsafe.Pointer(&region))); err != nil {
		return err
	}
	cpu, err := control("KVM_CREATE_VCPU", vm, kvmCreateVCPU, 0)
	if err != nil {
		return err
	}
	defer unix.Close(cpu)
	return halt(kvm, cpu)
}

// halt lets the processor begin at address 0 in real mode.
func halt(kvm, cpu int) error {
	size, err := control("KVM_GET_VCPU_MMAP_SIZE", kvm, kvmGetVCPUMmapSize, 0)
	if err != nil {
		return err
	}
	state, err := unix.Mmap(cpu, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return err
	}
	defer unix.Munmap(state)
	var segments [312]byte
	if _, err := control("KVM_GET_SREGS", cpu, kvmGetSRegs, uintptr(unsafe.Pointer(&segments))); err != nil {
		return err
	}
	binary.NativeEndian.PutUint64(segments[0:], 0)  // cs.base
	binary.NativeEndian.PutUint16(segments[12:], 0) // cs.selector
	if _, err := control("KVM_SET_SREGS", cpu, kvmSetSRegs, uintptr(unsafe.Pointer(&segments))); err != nil {
		return err
	}
	var registers [144]byte
	binary.NativeEndian.PutUint64(registers[17*8:], 2) // rflags: the bit that is always set
	if _, err := control("KVM_SET_REGS", cpu, kvmSetRegs, uintptr(unsafe.Pointer(&registers))); err != nil {
		return err
	}
	if _, err := control("KVM_RUN", cpu, kvmRun, 0); err != nil {
		return err
	}
	if reason := binary.NativeEndian.Uint32(state[8:]); reason != kvmExitHLT {
		return fmt.Errorf("KVM_RUN: a guest that halts ends with reason %d", reason)
	}
	return nil
}

func control(name string, fd int, request, argument uintptr) (int, error) {
	r, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), request, argument)
	if errno != 0 {
		return 0, fmt.Errorf("%s: %w", name, errno)
	}
	return int(r), nil
}
