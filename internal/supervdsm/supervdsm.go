// SPDX-License-Identifier: GPL-2.0-or-later

// Package supervdsm is the daemon that is root for vdsmd: it opens the socket,
// says who may use it, binds the operations and serves until it is told to
// stop. Package privileged/ops says what carries
// the operations out.
package supervdsm

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/coreos/go-systemd/v22/daemon"
	"golang.org/x/sys/unix"

	"govdsm/internal/config"
	"govdsm/internal/host/asroot"
	"govdsm/internal/hostfs"
	"govdsm/internal/logging"
	"govdsm/internal/network/ovn"
	"govdsm/internal/network/ovsdb"
	"govdsm/internal/privileged"
	"govdsm/internal/privileged/ops"
	"govdsm/internal/version"
)

// Where things are on a real host. The socket's path is the original's.
const (
	DefaultSocket = "/run/vdsm/svdsm.sock"
	DefaultLog    = "/var/log/vdsm/supervdsm.log"
	DefaultUser   = "vdsm"
	DefaultGroup  = "kvm"
)

// Options are the command line of supervdsmd. Empty members take the defaults.
type Options struct {
	Socket string
	Log    string
	User   string // may ask, and owns the socket
	Group  string // of the socket

	// AllowUIDs may ask in place of User, and the first one owns the socket. A
	// sandbox sets it; without it the daemon insists on being root.
	AllowUIDs []uint32
	// State is the folder of the stored networks, "" for the default. A sandbox
	// that sets none has no say about networks and mounts.
	State string
	// Datapath is the type of the datapath of Open vSwitch's bridges, "" for the
	// kernel's. Tests without its module say "netdev".
	Datapath string
	// Root is the prefix of the host's files, for tests: configuration, /sys,
	// /proc and /etc.
	Root string

	looks bool // nothing is changed, what was left unfinished included
}

// ErrNotRoot says that the daemon would be of no use.
var ErrNotRoot = fmt.Errorf("supervdsmd must be root: %w", syscall.EPERM)

// owner is whom the socket is for.
type owner struct {
	uids     []uint32
	uid, gid int
}

// Run serves until ctx ends.
func Run(ctx context.Context, o Options) error {
	who, err := o.owner()
	if err != nil {
		return err
	}
	socket, dir := o.Socket, filepath.Dir(o.Socket)
	if err := makeFolder(dir, who); err != nil {
		return err
	}
	lock, err := lockOnly(filepath.Join(dir, "supervdsmd.lock"))
	if err != nil {
		return err
	}
	defer lock.Close()
	logs, err := o.openLog(who)
	if err != nil {
		return err
	}
	defer logs.Close()
	log := logs.Logger("supervdsm")
	if err := limitCore(o.Root); err != nil {
		log.WarnContext(ctx, "core dumps stay on", "err", err)
	}
	l, err := listen(socket, who)
	if err != nil {
		log.ErrorContext(ctx, "supervdsmd cannot start", "err", err)
		return err
	}
	s := privileged.NewServer(privileged.ServerOptions{AllowUIDs: who.uids, Log: log})
	neighbours, err := listenToNeighbours(ctx, o.Root, logs.Logger("lldp"))
	if err != nil {
		return err
	}
	defer neighbours.stop()
	ops.Bind(s, asroot.New(hostfs.At(o.Root), machine()), neighbours.service)
	leases := o.leases(logs)
	if leases != nil {
		defer leases.Wait()
	}
	ops.BindNetwork(s, o.network(ctx, logs, leases))
	ops.BindOVN(s, ovn.Host{Root: o.Root, Switch: filepath.Join(o.Root, ovsdb.DefaultSocket)})
	ops.BindStorage(s, o.storage(logs))
	log.InfoContext(ctx, "supervdsmd starts", "version", version.Version, "socket", socket, "uids", fmt.Sprint(who.uids))
	if os.Geteuid() != 0 {
		log.WarnContext(ctx, "not root: what only root can do will fail")
	}
	if _, err := daemon.SdNotify(false, daemon.SdNotifyReady); err != nil {
		log.WarnContext(ctx, "cannot notify systemd", "err", err)
	}
	err = s.Serve(ctx, l)
	_, _ = daemon.SdNotify(false, daemon.SdNotifyStopping) // it sees the end anyway
	log.InfoContext(ctx, "supervdsmd has stopped", "err", err)
	return err
}

// owner looks the user up, and fills defaults.
func (o *Options) owner() (owner, error) {
	if o.Socket == "" {
		o.Socket = DefaultSocket
	}
	if o.Log == "" {
		o.Log = DefaultLog
	}
	if len(o.AllowUIDs) > 0 {
		return owner{uids: o.AllowUIDs, uid: int(o.AllowUIDs[0]), gid: -1}, nil
	}
	if os.Geteuid() != 0 {
		return owner{}, ErrNotRoot
	}
	if o.User == "" {
		o.User = DefaultUser
	}
	if o.Group == "" {
		o.Group = DefaultGroup
	}
	u, err := user.Lookup(o.User)
	if err != nil {
		return owner{}, fmt.Errorf("%w; the packages create it, or choose another with --user", err)
	}
	g, err := user.LookupGroup(o.Group)
	if err != nil {
		return owner{}, fmt.Errorf("%w; choose another with --group", err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return owner{}, err
	}
	gid, err := strconv.Atoi(g.Gid)
	if err != nil {
		return owner{}, err
	}
	// Refusing root would protect nothing, and vdsm-tool runs as root.
	return owner{uids: []uint32{uint32(uid), 0}, uid: int(uid), gid: gid}, nil
}

// makeFolder makes a folder that is not there; one that is stays as it is.
func makeFolder(dir string, who owner) error {
	switch err := os.Mkdir(dir, 0o755); {
	case err == nil:
		return chown(dir, who)
	case errors.Is(err, os.ErrExist):
		return nil
	default:
		return err
	}
}

// chown gives a path to its owner. The folder it is in may be another user's,
// who could put a link in its place: links are not followed.
func chown(path string, who owner) error {
	if os.Geteuid() != 0 {
		return nil
	}
	return os.Lchown(path, who.uid, who.gid)
}

// lockOnly makes sure that one daemon serves the socket. The lock goes with
// the process, however it ends.
func lockOnly(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock file: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("another supervdsmd runs already (%s is locked): %w", path, err)
	}
	return f, nil
}

func (o *Options) openLog(who owner) (*logging.Log, error) {
	if err := makeFolder(filepath.Dir(o.Log), who); err != nil {
		return nil, err
	}
	options := logging.Options{Path: o.Log, NoLinks: true, Journal: logging.UnderSystemd()}
	if o.Log != DefaultLog || !logging.Rotated("") { // logrotate knows the default only
		options.MaxBytes, options.Keep = logging.RotateBytes, logging.RotateKeep
	}
	return logging.Open(options)
}

// limitCore turns core dumps off where the configuration says so. Its other
// options are vdsmd's, which reports what is wrong with them.
func limitCore(root string) error {
	c, _ := config.Load(root)
	if c.Vars.CoreDumpEnable {
		return nil
	}
	return unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
}

// listen opens the socket in place of one that a dead daemon left. The lock
// is held, so nobody serves that one.
func listen(path string, who owner) (*net.UnixListener, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	// The mask makes the socket 0660 from its first instant. Nothing else
	// makes files yet.
	old := unix.Umask(0o117)
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	unix.Umask(old)
	if err != nil {
		return nil, err
	}
	if err := chown(path, who); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// machine is what uname calls the architecture.
func machine() string {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return ""
	}
	return strings.TrimRight(string(u.Machine[:]), "\x00")
}
