// SPDX-License-Identifier: GPL-2.0-or-later

package kvm

import "encoding/binary"

// steps is how many rounds the guest counts. A processor does them in some
// 20 ms. Where KVM has no processor to run the guest on and interprets each
// instruction, as in some nested set-ups, they take ten seconds and more.
const steps = 20_000_000

// exitPort and success make QEMU's isa-debug-exit device end it with status
// success<<1 | 1.
const (
	exitPort = 0x501
	success  = 0x31
)

// pcROM is firmware of 64 KiB for an x86 machine. It goes the way of every
// kernel, from real mode over protected mode to 64-bit mode with paging,
// counts there, and reports success. It is mapped below 1 MiB as well as at
// the top of 4 GiB, where the processor begins.
func pcROM() []byte {
	const (
		size  = 64 << 10
		base  = 0xf0000 // where the copy below 1 MiB is
		level = 0x1000  // the three page tables follow each other from here
	)
	rom := make([]byte, size)
	code := []byte{
		0xfa,                                     // 00 cli
		0x2e, 0x66, 0x0f, 0x01, 0x16, 0xb0, 0x00, // 01 lgdt cs:[0xb0]
		0x0f, 0x20, 0xc0, // 08 mov eax, cr0
		0x0c, 0x01, // 0b or al, 1: protected mode
		0x0f, 0x22, 0xc0, // 0d mov cr0, eax
		0x66, 0xea, 0x18, 0x00, 0x0f, 0x00, 0x08, 0x00, // 10 jmp 8:0xf0018
		0x66, 0xb8, 0x10, 0x00, // 18 mov ax, 16
		0x8e, 0xd8, // 1c mov ds, ax
		0x8e, 0xd0, // 1e mov ss, ax
		0xb8, 0x20, 0x00, 0x00, 0x00, // 20 mov eax, 0x20: physical address extension
		0x0f, 0x22, 0xe0, // 25 mov cr4, eax
		0xb8, 0x00, 0x10, 0x0f, 0x00, // 28 mov eax, 0xf1000: the page tables
		0x0f, 0x22, 0xd8, // 2d mov cr3, eax
		0xb9, 0x80, 0x00, 0x00, 0xc0, // 30 mov ecx, EFER
		0x0f, 0x32, // 35 rdmsr
		0x0f, 0xba, 0xe8, 0x08, // 37 bts eax, 8: long mode
		0x0f, 0x30, // 3b wrmsr
		0x0f, 0x20, 0xc0, // 3d mov eax, cr0
		0x0f, 0xba, 0xe8, 0x1f, // 40 bts eax, 31: paging
		0x0f, 0x22, 0xc0, // 44 mov cr0, eax
		0xea, 0x4e, 0x00, 0x0f, 0x00, 0x18, 0x00, // 47 jmp 24:0xf004e
		0xbc, 0x00, 0x80, 0x00, 0x00, // 4e mov esp, 0x8000
		0xb9, 0x00, 0x00, 0x00, 0x00, // 53 mov ecx, steps
		0xff, 0xc9, // 58 dec ecx
		0x75, 0xfc, // 5a jnz 58
		0x6a, success, // 5c push success: memory works
		0x58,                                       // 5e pop rax
		0x66, 0xba, exitPort & 0xff, exitPort >> 8, // 5f mov dx, exitPort
		0xee,       // 63 out dx, al
		0xf4,       // 64 hlt
		0xeb, 0xfd, // 65 jmp 64
	}
	copy(rom, code)
	binary.LittleEndian.PutUint32(rom[0x54:], steps)
	for i, descriptor := range []uint64{
		0,
		0x00cf9b000000ffff, // 8: 32-bit code
		0x00cf93000000ffff, // 16: data
		0x00af9b000000ffff, // 24: 64-bit code
	} {
		binary.LittleEndian.PutUint64(rom[0x90+8*i:], descriptor)
	}
	binary.LittleEndian.PutUint16(rom[0xb0:], 4*8-1)
	binary.LittleEndian.PutUint32(rom[0xb2:], base+0x90)
	// The first 2 MiB, mapped to themselves. The tables cannot be written, so
	// the accessed and dirty bits are set already.
	for i, entry := range []uint64{base + 2*level | 0x63, base + 3*level | 0x63, 0xe3} {
		binary.LittleEndian.PutUint64(rom[(i+1)*level:], entry)
	}
	copy(rom[size-16:], []byte{0xea, 0x00, 0x00, 0x00, 0xf0}) // jmp 0xf000:0
	return rom
}

// armImage is a program for QEMU's arm64 "virt" machine: it counts and then
// powers the machine off, which ends QEMU with status 0.
func armImage() []byte {
	var image []byte
	for _, instruction := range []uint32{
		0xd2a02621, // movz x1, #0x131, lsl #16: steps, nearly
		0xf1000421, // subs x1, x1, #1
		0x54ffffe1, // b.ne the line before
		0x52800100, // movz w0, #0x0008
		0x72b08000, // movk w0, #0x8400, lsl #16: PSCI SYSTEM_OFF
		0xd4000002, // hvc #0
		0x14000000, // b here
	} {
		image = binary.LittleEndian.AppendUint32(image, instruction)
	}
	return image
}
