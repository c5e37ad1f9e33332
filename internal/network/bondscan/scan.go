// SPDX-License-Identifier: GPL-2.0-or-later

// Package bondscan finds out which options the kernel's bonds have in each
// mode, what they are when nobody sets them, and which numbers stand for the
// values that have names.
//
// Kernels differ in that, and only a bond can tell: one is made per mode, in a
// network namespace of its own, where nobody sees it and nothing is left of it.
// The outcome is kept in the two files of the original, so that it is found out
// once per boot (lib/vdsm/network/link/bond/sysfs_options_mapper.py).
package bondscan

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/kernelconfig"
	"govdsm/internal/network/rtnl"
	"govdsm/internal/network/snapshot"
)

const (
	modes     = 7
	mostNames = 32 // values of an option that are tried
	scratch   = "bondscan"
)

// Scan asks the kernel. It takes root, and loads the bonding driver.
func Scan(ctx context.Context) (kernelconfig.BondOptions, error) {
	type outcome struct {
		options kernelconfig.BondOptions
		err     error
	}
	done := make(chan outcome, 1)
	go func() {
		// The thread ends with the goroutine, and with it the namespaces.
		runtime.LockOSThread()
		var o outcome
		o.options, o.err = scan(ctx)
		done <- o
	}()
	o := <-done
	if o.err != nil {
		return kernelconfig.BondOptions{}, fmt.Errorf("scan of the bonding driver: %w", o.err)
	}
	return o.options, nil
}

// scan works in namespaces that it makes for its thread.
func scan(ctx context.Context) (o kernelconfig.BondOptions, err error) {
	if err := unix.Unshare(unix.CLONE_NEWNET | unix.CLONE_NEWNS); err != nil {
		return o, err
	}
	// A sysfs shows the network namespace in which it was mounted.
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return o, err
	}
	if err := unix.Mount("sysfs", "/sys", "sysfs", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
		return o, err
	}
	c, err := rtnl.Dial()
	if err != nil {
		return o, err
	}
	defer c.Close()
	o = kernelconfig.BondOptions{
		Defaults: make(map[string]map[string][]string), Numbers: make(map[string]map[string]map[string]string),
	}
	var usual []string // mode of a bond that nobody chose one for
	for mode := range uint8(modes) {
		if err := create(ctx, c, mode); err != nil {
			return o, fmt.Errorf("mode %d: %w", mode, err)
		}
		defaults, err := read()
		if err != nil {
			return o, err
		}
		if mode == 0 { // the driver's own choice; its parameter is not looked at here
			usual = defaults["mode"]
		}
		defaults["mode"] = usual
		number := strconv.Itoa(int(mode))
		o.Defaults[number] = defaults
		if o.Numbers[number], err = numbers(defaults); err != nil {
			return o, err
		}
		if err := remove(ctx, c); err != nil {
			return o, err
		}
	}
	return o, nil
}

func create(ctx context.Context, c *rtnl.Conn, mode uint8) error {
	info := rtnl.PutString(nil, unix.IFLA_INFO_KIND, snapshot.KindBond)
	info = rtnl.PutNested(info, unix.IFLA_INFO_DATA, snapshot.NewBond(mode))
	body := rtnl.PutString(rtnl.LinkHeader(unix.AF_UNSPEC, 0, 0, 0), unix.IFLA_IFNAME, scratch)
	body = rtnl.PutNested(body, unix.IFLA_LINKINFO, info)
	return do(ctx, c, rtnl.Message{Type: unix.RTM_NEWLINK, Flags: unix.NLM_F_CREATE | unix.NLM_F_EXCL, Body: body})
}

func remove(ctx context.Context, c *rtnl.Conn) error {
	body := rtnl.PutString(rtnl.LinkHeader(unix.AF_UNSPEC, 0, 0, 0), unix.IFLA_IFNAME, scratch)
	return do(ctx, c, rtnl.Message{Type: unix.RTM_DELLINK, Body: body})
}

func do(ctx context.Context, c *rtnl.Conn, m rtnl.Message) error {
	results, err := c.Do(ctx, []rtnl.Message{m})
	if err != nil {
		return err
	}
	return results[0].Err
}

// isStatus knows the files that are no options.
func isStatus(file string) bool {
	return slices.Contains([]string{
		"slaves", "active_slave", "mii_status", "queue_id", "ad_aggregator",
		"ad_num_ports", "ad_actor_key", "ad_partner_key", "ad_partner_mac", "ad_actor_system",
	}, file)
}

func path(file string) string { return filepath.Join("/sys/class/net", scratch, "bonding", file) }

// read returns the words of every option.
func read() (map[string][]string, error) {
	files, err := os.ReadDir(path(""))
	if err != nil {
		return nil, err
	}
	options := make(map[string][]string)
	for _, f := range files {
		if isStatus(f.Name()) {
			continue
		}
		text, err := os.ReadFile(path(f.Name()))
		if err != nil {
			return nil, err
		}
		words := strings.Fields(string(text))
		if words == nil {
			words = []string{} // an option without a default
		}
		options[f.Name()] = words
	}
	return options, nil
}

// numbers tries the values of options that are told as a name and a number.
func numbers(options map[string][]string) (map[string]map[string]string, error) {
	all := make(map[string]map[string]string)
	for option, words := range options {
		if len(words) != 2 || option == "mode" {
			continue
		}
		names := make(map[string]string)
		for n := range mostNames {
			err := os.WriteFile(path(option), []byte(strconv.Itoa(n)), 0)
			if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) {
				break // the last one, or not in this mode
			}
			if err != nil {
				return nil, err
			}
			text, err := os.ReadFile(path(option))
			if err != nil {
				return nil, err
			}
			if pair := strings.Fields(string(text)); len(pair) == 2 {
				names[pair[0]] = pair[1]
			}
		}
		all[option] = names
	}
	return all, nil
}
