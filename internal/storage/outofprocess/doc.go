// SPDX-License-Identifier: GPL-2.0-or-later

// Package outofprocess does all I/O on a storage domain in a helper process of
// that domain, because a system call on a file system whose server has gone
// cannot be interrupted from within: it must happen where it can be given up.
//
//	pool := outofprocess.New(outofprocess.Options{Log: log})
//	defer pool.Close()
//	domain := pool.Dir("/rhev/data-center/mnt/server:_export").Sub(id)
//	text, err := domain.ReadDirect(ctx, "dom_md/metadata")
//
// What is promised:
//
//   - A call returns at its deadline or when its context ends, whatever the
//     file system does. Then the error is ErrTimeout, or the context's cause,
//     and nobody knows whether the operation was, or will still be, carried
//     out.
//   - One domain's frozen server costs that domain only: calls that run and
//     calls that wait are bounded per domain, beyond is ErrBusy at once.
//   - A helper that has fallen silent gets no further calls. A new one takes
//     its place, and the silent one is killed when nobody waits for it any
//     longer; where the kernel does not let it go it is reaped later.
//   - Errors cross the process border whole: they are *fs.PathError with the
//     full path and the errno, so errors.Is(err, fs.ErrNotExist) and
//     errors.Is(err, syscall.ESTALE) work.
//   - Names are relative to the Dir and never lead out of it, neither with
//     ".." nor through links that somebody has planted in the domain:
//     ErrOutside. They may hold any byte that the file system allows.
//   - Only regular files are read and written: a pipe or a device in place of
//     one is refused with EINVAL and does not block.
//
// The helper is this program, started again: main, and TestMain of packages
// whose tests use a pool, must call ServeIfHelper first. A helper ends when its
// daemon does, however that ended. It opens what it needs anew for each call and
// keeps nothing open, so it is in the way of no unmount and survives a remount.
//
// The limits are those of the original's outOfProcess.py and of its ioprocess
// helper: 10 calls at one time, 10 waiting, 60 seconds for each, and a helper
// ends after 60 idle seconds.
package outofprocess
