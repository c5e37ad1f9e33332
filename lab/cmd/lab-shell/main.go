// SPDX-License-Identifier: GPL-2.0-or-later

// Lab-shell boots lab hosts and gives a root shell in one of them. When the
// shell ends the hosts are gone, and all that was done in them.
//
//	lab-shell [-disk MiB] [-memory MiB] [-on host] [host...]
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"

	"golang.org/x/sys/unix"

	"govdsm/lab"
)

func main() {
	memory := flag.Int("memory", 1024, "memory of each host in `MiB`")
	disk := flag.Int64("disk", 0, "give each host an empty disk, /dev/vda, of that many `MiB`")
	on := flag.String("on", "", "open the shell on this `host` instead of the first")
	flag.Parse()
	names := flag.Args()
	if len(names) == 0 {
		names = []string{"one"}
	}
	if *on == "" {
		*on = names[0]
	}
	var specs []lab.Spec
	for _, name := range names {
		spec := lab.Spec{Name: name, Memory: *memory, NICs: []string{"lan", "san"}}
		if *disk > 0 {
			spec.Disks = []lab.Disk{{Name: "disk", Size: *disk << 20}}
		}
		specs = append(specs, spec)
	}
	ctx, stop := signal.NotifyContext(context.Background(), unix.SIGTERM, unix.SIGHUP)
	defer stop()
	code, err := shell(ctx, specs, *on)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// shell boots the hosts and connects the terminal, or whatever standard input
// is, with a shell.
func shell(ctx context.Context, specs []lab.Spec, on string) (int, error) {
	begin := time.Now()
	l, err := lab.Open(ctx, specs...)
	if err != nil {
		return 1, err
	}
	defer l.Close()
	fmt.Fprintf(os.Stderr, "%d host(s) up after %.1f s; this is %s, exit with Ctrl-D\n", len(specs), time.Since(begin).Seconds(), on)
	args := []string{"bash"}
	if restore, err := raw(int(os.Stdin.Fd())); err == nil {
		defer restore()
		args = []string{"script", "-qfc", sized("exec bash -i"), "/dev/null"} // gives it a terminal
	}
	r, err := l.Host(on).Do(ctx, lab.Command{
		Args: args, Dir: "/root", Limit: 24 * time.Hour, Env: []string{"TERM=" + os.Getenv("TERM")},
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
	})
	return r.Code, err
}

// sized returns the shell command preceded by one that gives its terminal the
// size of ours.
func sized(command string) string {
	size, err := unix.IoctlGetWinsize(int(os.Stdout.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return command
	}
	return fmt.Sprintf("stty rows %d cols %d; %s", size.Row, size.Col, command)
}

// raw makes a terminal pass on every key as it is. It fails when the
// descriptor is no terminal.
func raw(fd int) (restore func(), err error) {
	was, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return nil, err
	}
	now := *was
	now.Iflag &^= unix.BRKINT | unix.ICRNL | unix.INPCK | unix.ISTRIP | unix.IXON
	now.Lflag &^= unix.ECHO | unix.ICANON | unix.IEXTEN | unix.ISIG
	now.Cc[unix.VMIN], now.Cc[unix.VTIME] = 1, 0
	if err := unix.IoctlSetTermios(fd, unix.TCSETS, &now); err != nil {
		return nil, err
	}
	return func() { _ = unix.IoctlSetTermios(fd, unix.TCSETS, was) }, nil
}
