// SPDX-License-Identifier: GPL-2.0-or-later

package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"govdsm/internal/config"
	"govdsm/internal/pki"
)

// mostProblems is how many problems of the configuration are listed.
const mostProblems = 5

func (h *Host) configuration(context.Context) []Finding {
	var found []Finding
	more := 0
	for _, p := range h.Problems {
		switch {
		case p.Kind == config.NoEffect:
		case len(found) == mostProblems:
			more++
		default:
			found = append(found, Finding{State: Warning, Text: p.String(), Next: "vdsm-tool validate-config"})
		}
	}
	if more > 0 {
		found[mostProblems-1].Text += fmt.Sprintf(" (and %d more)", more)
	}
	if len(found) == 0 {
		files, _ := config.Files(h.Root)
		return ok("well-formed (%s, %d drop-ins)", files[0], len(files)-1)
	}
	return found
}

const makeCertificates = "vdsm-tool configure --module certificates"

func (h *Host) certificates(context.Context) []Finding {
	if !h.Config.Vars.SSL {
		return []Finding{{
			State: Warning,
			Text:  "TLS is off (vars.ssl): whoever reaches the port controls the host",
			Next:  "set ssl = true in " + config.MainFile,
		}}
	}
	source, err := pki.Open(h.PKI, slog.New(slog.DiscardHandler))
	switch {
	case errors.Is(err, fs.ErrNotExist) && h.Sandbox != "":
		return []Finding{{State: Failure, Text: err.Error(), Next: h.startSandbox()}}
	case errors.Is(err, fs.ErrNotExist):
		return []Finding{{State: Failure, Text: err.Error(), Next: "enrol the host from its manager, or " + makeCertificates}}
	case errors.Is(err, fs.ErrPermission):
		return []Finding{{State: Unknown, Text: err.Error(), Next: "sudo vdsm-tool doctor"}}
	case err != nil:
		return []Finding{{State: Failure, Text: err.Error(), Next: "openssl x509 -noout -text -in " + h.PKI.Cert}}
	}
	var found []Finding
	for _, e := range source.Expiries() {
		if f, bad := expiring(e, time.Now()); bad {
			found = append(found, f)
		}
	}
	if len(found) == 0 {
		e := source.Earliest()
		return ok("good until %s (%s)", e.NotAfter.Format(time.DateOnly), filepath.Base(e.File))
	}
	return found
}

// expiring judges one certificate.
func expiring(e pki.Expiry, now time.Time) (Finding, bool) {
	left := e.NotAfter.Sub(now)
	f := Finding{Next: "enrol the host again from its manager (or, where there is none, " + makeCertificates + " --force)"}
	switch {
	case left <= 0:
		f.State, f.Since = Failure, e.NotAfter
		f.Text = fmt.Sprintf("%s has expired (%s)", e.File, e.Subject)
	case left < pki.WarnBefore:
		f.State = Warning
		f.Text = fmt.Sprintf("%s expires in %d days, on %s (%s)",
			e.File, int(left.Hours()/24), e.NotAfter.Format(time.DateOnly), e.Subject)
	default:
		return f, false
	}
	return f, true
}

// users looks for the one that vdsmd runs as.
func (h *Host) users(context.Context) []Finding {
	const name, group = "vdsm", "kvm"
	const next = "systemd-sysusers govdsm.conf"
	u, err := user.Lookup(name)
	if _, missing := errors.AsType[user.UnknownUserError](err); missing {
		return []Finding{{State: Failure, Text: "there is no user " + name, Next: next}}
	}
	if err != nil {
		return []Finding{{State: Unknown, Text: err.Error()}}
	}
	g, err := user.LookupGroup(group)
	if err != nil {
		return []Finding{{State: Failure, Text: err.Error(), Next: next}}
	}
	ids, err := u.GroupIds()
	if err != nil {
		return []Finding{{State: Unknown, Text: err.Error()}}
	}
	if !slices.Contains(ids, g.Gid) {
		return []Finding{{State: Failure, Text: name + " is not in group " + group, Next: "usermod -aG " + group + " " + name}}
	}
	return ok("%s is uid %s and in group %s", name, u.Uid, group)
}

const (
	// tooLittle is what the original insists on before it starts, 10 000 kB.
	tooLittle = 10_000 << 10
	// scarce is a day of a busy log.
	scarce = 500 << 20
)

func (h *Host) diskSpace(ctx context.Context) []Finding {
	var found []Finding
	var fine []string
	for _, dir := range h.Disks {
		var s unix.Statfs_t
		if err := unix.Statfs(dir, &s); errors.Is(err, fs.ErrNotExist) {
			continue // made at the first start
		} else if err != nil {
			found = append(found, Finding{State: Unknown, Text: dir + ": " + err.Error()})
			continue
		}
		free := s.Bavail * uint64(s.Bsize)
		f := Finding{State: Failure, Text: fmt.Sprintf("%s: %s free", dir, size(free)), Next: "du -xh -d1 " + dir + " | sort -h"}
		switch {
		case s.Files > 0 && s.Ffree == 0:
			f.Text = dir + ": no inode is free"
		case free < tooLittle:
		case free < scarce && s.Blocks*uint64(s.Bsize) > 2*scarce:
			f.State = Warning
		default:
			fine = append(fine, f.Text)
			continue
		}
		found = append(found, f)
	}
	switch {
	case len(found) > 0:
		return found
	case len(fine) == 0:
		return []Finding{{State: Unknown, Text: "none of " + strings.Join(h.Disks, ", ") + " is there yet"}}
	}
	return ok("%s", strings.Join(fine, ", "))
}

func size(b uint64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB"}
	f, i := float64(b), 0
	for f >= 1024 && i < len(units)-1 {
		f, i = f/1024, i+1
	}
	return fmt.Sprintf("%.3g %s", f, units[i])
}
