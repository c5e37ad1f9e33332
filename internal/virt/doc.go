// SPDX-License-Identifier: GPL-2.0-or-later

// Package virt runs virtual machines on libvirt for a manager.
//
// VMs is the registry and the pillar's face: it binds the verbs, hears
// libvirt's events and finds running VMs again after a restart. A VM is a
// small core (identity, state and the lock around it); what is done with it
// lies in files of its own:
//
//	create, start     VM.create and what follows it: from the manager's XML to
//	                  a running QEMU
//	drives, graphics  what a VM needs prepared before it starts
//	pause, power      pause and cont; shutdown, reset
//	balloon, ticket   the memory a guest may have, the password of a display
//	freeze            file systems that stand still for a copy
//	screenshot        a picture of the display
//	destroy, release  the end of a VM, and giving back what it held
//	state, exit       the state machine and why a VM ended
//	events, notify    what libvirt tells us, what we tell managers
//	guestagent        what guests tell about themselves
//	sampling, figures one bulk call per interval for all VMs, and what
//	                  becomes of it; stats answers from that sample only
//	recovery          finding VMs again after a restart, and after libvirtd's
//
// What the pillar promises: a reply of VM.create never waits for QEMU; a VM
// that failed or ended stays listed as Down, with its reason, until it is
// destroyed; statistics are read from memory and never wait for libvirt; and
// ending the daemon, however rudely, touches no VM.
package virt
