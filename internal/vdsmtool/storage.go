// SPDX-License-Identifier: GPL-2.0-or-later

package vdsmtool

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/spf13/cobra"

	"govdsm/internal/config"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/verify"
)

func (t *tool) storageCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "storage", Short: "Look at storage domains"}
	cmd.AddCommand(t.storageCheck())
	return cmd
}

func (t *tool) storageCheck() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "check DIR|DOMAIN",
		Short: "Verify the metadata, the chains of volumes and the leases of a domain, without changing anything",
		Long: `Verify the metadata, the chains of volumes, what qcow2 volumes say of
themselves, and the leases of a storage domain on files, given by its folder or,
when it is connected, by its id. Nothing is written; root looks as the owner of
the domain. The exit code is 1 when something is wrong. Hosts may be changing
the domain: look again before you believe that a volume is broken.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(format); err != nil {
				return err
			}
			dir, err := t.domainDir(args[0])
			if err != nil {
				return err
			}
			if err := becomeOwner(dir); err != nil {
				return err
			}
			report, err := verify.Domain(dir)
			if err != nil {
				return err
			}
			if err := printReport(cmd.OutOrStdout(), report, format); err != nil {
				return err
			}
			if len(report.Findings) > 0 {
				return exitCode(1)
			}
			return nil
		},
	}
	outputFlag(cmd, &format)
	return cmd
}

// becomeOwner gives root up for the owner of the domain: servers of NFS often
// take root for nobody, who may read little of it.
func becomeOwner(dir string) error {
	info, err := os.Stat(dir)
	if err != nil || os.Geteuid() != 0 {
		return nil // that it is not there is said by who reads it
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || owner.Uid == 0 {
		return nil
	}
	err = errors.Join(syscall.Setgroups([]int{int(owner.Gid)}), syscall.Setgid(int(owner.Gid)), syscall.Setuid(int(owner.Uid)))
	if err != nil {
		return fmt.Errorf("becoming the owner of %s: %w", dir, err)
	}
	return nil
}

// domainDir finds a domain: an id below what is connected, or a folder.
func (t *tool) domainDir(name string) (string, error) {
	if !domain.IsID(name) {
		return name, nil
	}
	c, _ := config.Load(t.root)
	for _, below := range []string{"mnt/*", "mnt/glusterSD/*"} {
		found, err := filepath.Glob(filepath.Join(t.root, c.IRS.Repository, below, name, "dom_md"))
		if err != nil {
			return "", err
		}
		if len(found) > 0 {
			return filepath.Dir(found[0]), nil
		}
	}
	return "", fmt.Errorf("domain %s is on no storage that is connected", name)
}

func printReport(w io.Writer, r verify.Report, format string) error {
	if format == "json" {
		return writeJSON(w, r)
	}
	for _, f := range r.Findings {
		if _, err := fmt.Fprintf(w, "%s: %s\n", shown(f.Path), f.What); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "domain %s, format %d: %d images, %d volumes, %d leases; %d findings\n",
		r.Domain, r.Version, r.Images, r.Volumes, r.Leases, len(r.Findings))
	return err
}

// shown is a name from storage, for a terminal: it may hold anything.
func shown(name string) string {
	if quoted := strconv.Quote(name); quoted != `"`+name+`"` {
		return quoted
	}
	return name
}
