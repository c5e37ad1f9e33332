// SPDX-License-Identifier: GPL-2.0-or-later

package outofprocess

import (
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// opcode names an operation, as errors name it, too.
type opcode string

const (
	opCancel     opcode = "cancel" // of the request with the same id
	opStat       opcode = "stat"
	opLstat      opcode = "lstat"
	opStatFS     opcode = "statfs"
	opReadDir    opcode = "readdir"
	opReadDirs   opcode = "readdirs"
	opGlob       opcode = "glob"
	opReadlink   opcode = "readlink"
	opRead       opcode = "read"
	opReadFiles  opcode = "readfiles"
	opStatAll    opcode = "statall"
	opCheck      opcode = "check"
	opAccess     opcode = "access"
	opOpen       opcode = "open"
	opWriteFile  opcode = "writefile"
	opWriteFiles opcode = "writefiles"
	opMakeFolder opcode = "makefolder"
	opWriteAt    opcode = "writeat"
	opMkdir      opcode = "mkdir"
	opMkdirAll   opcode = "mkdirall"
	opRemove     opcode = "remove"
	opRemoveTree opcode = "removetree"
	opRename     opcode = "rename"
	opLink       opcode = "link"
	opSymlink    opcode = "symlink"
	opTruncate   opcode = "truncate"
	opCreate     opcode = "create"
	opChmod      opcode = "chmod"
	opTouch      opcode = "touch"
	opAllocate   opcode = "allocate"
	opSync       opcode = "sync"
	opProbe      opcode = "probe"
)

// request asks a helper for one operation. Which members count depends on Op.
type request struct {
	ID     uint64
	Op     opcode
	Root   string // folder that names are relative to and must not leave
	Name   string
	To     string // second name of rename and link, target of symlink
	Names  []string
	Data   []byte
	Files  []NewFile
	Offset int64
	Size   int64
	Mode   uint32
	Flags  int
	Direct bool
	Exact  bool // see the operation
}

// response answers the request with the same ID.
type response struct {
	ID       uint64
	Err      *wireError
	Data     []byte
	Names    []string
	List     string // names, each with a NUL behind it: a fraction of the cost of Names
	Size     int64
	Infos    []Info
	Space    Space
	Results  []result
	Progress bool // not the end yet: Size says how far it is
	HasFile  bool // a descriptor came along
	fd       int
}

// result is one of many in a response.
type result struct {
	Err  *wireError
	Data []byte
	Info Info
}

// codec sends and receives messages over a socket pair. Gob keeps file names
// that are no UTF-8, and both ends are the same program. Descriptors travel
// beside the bytes and arrive no later than the message they belong to, in
// order.
type codec struct {
	conn *net.UnixConn
	dec  *gob.Decoder

	mu   sync.Mutex // one message at a time
	enc  *gob.Encoder
	send *os.File // goes with the next write

	received []int // descriptors; for the one who decodes
}

func newCodec(conn *net.UnixConn) *codec {
	c := &codec{conn: conn}
	c.enc = gob.NewEncoder(writer{c})
	c.dec = gob.NewDecoder(reader{c})
	return c
}

// write sends a message, and file with it unless it is nil.
func (c *codec) write(message any, file *os.File) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.send = file
	return c.enc.Encode(message)
}

func (c *codec) readResponse() (*response, error) {
	r := new(response)
	if err := c.dec.Decode(r); err != nil {
		return nil, err
	}
	if r.HasFile {
		if len(c.received) == 0 {
			return nil, errors.New("a descriptor was announced and did not come")
		}
		r.fd, c.received = c.received[0], c.received[1:]
	}
	return r, nil
}

func (c *codec) close() {
	c.conn.Close()
}

type writer struct{ c *codec }

func (w writer) Write(p []byte) (int, error) {
	var rights []byte
	if w.c.send != nil {
		rights = unix.UnixRights(int(w.c.send.Fd()))
		w.c.send = nil
	}
	n, _, err := w.c.conn.WriteMsgUnix(p, rights, nil)
	if err == nil && n < len(p) {
		var more int
		more, err = w.c.conn.Write(p[n:])
		n += more
	}
	return n, err
}

type reader struct{ c *codec }

func (r reader) Read(p []byte) (int, error) {
	rights := make([]byte, unix.CmsgSpace(4*4))
	n, rn, _, _, err := r.c.conn.ReadMsgUnix(p, rights)
	if err != nil {
		return 0, err
	}
	if n == 0 {
		return 0, io.EOF
	}
	messages, err := syscall.ParseSocketControlMessage(rights[:rn])
	if err != nil {
		return n, err
	}
	for _, m := range messages {
		fds, err := syscall.ParseUnixRights(&m)
		if err != nil {
			return n, err
		}
		r.c.received = append(r.c.received, fds...)
	}
	return n, nil
}

// pair returns two connected sockets: a connection, and a file for a child.
func pair() (*net.UnixConn, *os.File, error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	ours, theirs := os.NewFile(uintptr(fds[0]), "helper"), os.NewFile(uintptr(fds[1]), "helper")
	conn, err := connection(ours)
	if err != nil {
		theirs.Close()
		return nil, nil, err
	}
	return conn, theirs, nil
}

// connection makes a connection of a socket's descriptor and closes the file.
func connection(f *os.File) (*net.UnixConn, error) {
	defer f.Close()
	c, err := net.FileConn(f)
	if err != nil {
		return nil, err
	}
	u, ok := c.(*net.UnixConn)
	if !ok {
		c.Close()
		return nil, fmt.Errorf("descriptor is a %T", c)
	}
	return u, nil
}
