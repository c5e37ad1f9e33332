// SPDX-License-Identifier: GPL-2.0-or-later

// Package rtnl is a socket to the kernel's routing netlink, or to generic
// netlink, with many requests in one system call. No other package has one.
//
// A change of hundreds of networks is thousands of requests. Sent one by one,
// most of the time goes into waiting for answers; here they travel in batches,
// and every one has its own verdict. See rtnetlink(7) and
// Documentation/userspace-api/netlink/intro.rst of the kernel.
//
// The package knows messages and attributes, not what they mean: callers
// compose and read them with the constants of golang.org/x/sys/unix.
package rtnl
