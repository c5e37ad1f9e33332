// SPDX-License-Identifier: GPL-2.0-or-later

package stomp

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ErrMalformed is what is wrong with bytes that are no STOMP frame.
var ErrMalformed = errors.New("malformed STOMP frame")

// ErrTooLarge is what is wrong with a frame that exceeds a limit.
var ErrTooLarge = errors.New("STOMP frame exceeds a limit")

// Limits bound what a Reader takes from its peer. A zero field means the
// default.
type Limits struct {
	Line    int // bytes of the command or of one header line; default 8 KiB
	Headers int // header lines of one frame; default 64
	Body    int // bytes of a body; default 64 MiB
}

func (l Limits) withDefaults() Limits {
	if l.Line <= 0 {
		l.Line = 8 << 10
	}
	if l.Headers <= 0 {
		l.Headers = 64
	}
	if l.Body <= 0 {
		l.Body = 64 << 20
	}
	return l
}

// bufferSize holds a usual request whole, so that one read is enough.
const bufferSize = 4 << 10

// firstAllocation bounds what is allocated for a body on its sender's word.
const firstAllocation = 64 << 10

// Reader reads frames. It is not safe for concurrent use.
type Reader struct {
	buf    *bufio.Reader
	limits Limits
	block  []byte // header lines of the frame being read, without line ends
	ends   []int  // where each of them ends in block
}

// NewReader returns a Reader of r.
func NewReader(r io.Reader, limits Limits) *Reader {
	return &Reader{buf: bufio.NewReaderSize(r, bufferSize), limits: limits.withDefaults()}
}

// ReadFrame returns the next frame, skipping heart-beats. At the end of the
// stream the error is io.EOF between frames and io.ErrUnexpectedEOF inside
// one; ErrMalformed and ErrTooLarge are found with errors.Is. After an error
// the Reader is of no further use. The frame is the caller's.
func (r *Reader) ReadFrame() (*Frame, error) {
	f := new(Frame)
	if err := r.readInto(f); err != nil {
		return nil, err
	}
	return f, nil
}

// readInto is ReadFrame into a frame that has been read before: its list of
// headers is used again, its body is not.
func (r *Reader) readInto(f *Frame) (err error) {
	if f.Command, err = r.command(); err != nil {
		return err
	}
	if err := r.headers(f); err != nil {
		return unexpected(err)
	}
	f.Body = nil
	return unexpected(r.body(f))
}

// unexpected turns an end of stream inside a frame into what it is.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// command skips line ends up to the next frame and returns its first line.
func (r *Reader) command() (string, error) {
	for {
		r.block = r.block[:0]
		if err := r.line(); err != nil {
			if errors.Is(err, io.EOF) && len(r.block) > 0 {
				return "", io.ErrUnexpectedEOF
			}
			return "", err
		}
		if len(r.block) > 0 {
			break
		}
	}
	if !utf8.Valid(r.block) || bytes.IndexByte(r.block, '\r') >= 0 {
		return "", fmt.Errorf("%w: command %.20q", ErrMalformed, r.block)
	}
	switch string(r.block) { // known commands cost no allocation
	case CmdSend:
		return CmdSend, nil
	case CmdMessage:
		return CmdMessage, nil
	}
	return string(r.block), nil
}

// headers reads the header block. All keys and values share one string.
func (r *Reader) headers(f *Frame) error {
	r.block, r.ends = r.block[:0], r.ends[:0]
	for {
		start := len(r.block)
		if err := r.line(); err != nil {
			return err
		}
		if len(r.block) == start {
			break
		}
		if len(r.ends) == r.limits.Headers {
			return fmt.Errorf("%w: more than %d headers", ErrTooLarge, r.limits.Headers)
		}
		r.ends = append(r.ends, len(r.block))
	}
	if !utf8.Valid(r.block) {
		return fmt.Errorf("%w: header is not UTF-8", ErrMalformed)
	}
	block, start := string(r.block), 0
	if cap(f.Headers) < len(r.ends) {
		f.Headers = make([]Header, 0, len(r.ends))
	}
	f.Headers = f.Headers[:0]
	for _, end := range r.ends {
		key, value, ok := strings.Cut(block[start:end], ":")
		start = end
		if !ok || key == "" {
			return fmt.Errorf("%w: header without key or colon", ErrMalformed)
		}
		key, err := unescape(key)
		if err != nil {
			return err
		}
		if value, err = unescape(value); err != nil {
			return err
		}
		if _, repeated := f.Lookup(key); !repeated {
			f.Add(key, value)
		}
	}
	return nil
}

// line appends the next line to block, without its end.
func (r *Reader) line() error {
	start := len(r.block)
	for {
		part, err := r.buf.ReadSlice('\n')
		r.block = append(r.block, part...)
		if len(r.block)-start > r.limits.Line {
			return fmt.Errorf("%w: line of more than %d bytes", ErrTooLarge, r.limits.Line)
		}
		if err == nil {
			break
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
	r.block = r.block[:len(r.block)-1]
	if n := len(r.block); n > start && r.block[n-1] == '\r' {
		r.block = r.block[:n-1]
	}
	return nil
}

// body reads what follows the header block, the closing NUL included.
func (r *Reader) body(f *Frame) error {
	text, announced := f.Lookup(HdrContentLength)
	if !announced {
		return r.bodyToNUL(f)
	}
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		return fmt.Errorf("%w: content-length %.20q", ErrMalformed, text)
	}
	if n > uint64(r.limits.Body) {
		return fmt.Errorf("%w: body of %d bytes, limit is %d", ErrTooLarge, n, r.limits.Body)
	}
	if f.Body, err = r.exactly(int(n)); err != nil {
		return err
	}
	end, err := r.buf.ReadByte()
	if err != nil {
		return err
	}
	if end != 0 {
		return fmt.Errorf("%w: body is longer than its content-length", ErrMalformed)
	}
	return nil
}

// exactly reads n bytes, allocating in steps that the arrived bytes justify.
func (r *Reader) exactly(n int) ([]byte, error) {
	b := make([]byte, min(n, firstAllocation))
	for have := 0; ; {
		if _, err := io.ReadFull(r.buf, b[have:]); err != nil {
			return nil, err
		}
		if have = len(b); have == n {
			return b, nil
		}
		more := make([]byte, min(n, 4*have))
		copy(more, b)
		b = more
	}
}

func (r *Reader) bodyToNUL(f *Frame) error {
	for {
		part, err := r.buf.ReadSlice(0)
		if len(f.Body)+len(part) > r.limits.Body+1 {
			return fmt.Errorf("%w: body of more than %d bytes", ErrTooLarge, r.limits.Body)
		}
		f.Body = append(f.Body, part...)
		if err == nil {
			f.Body = bytes.TrimSuffix(f.Body, []byte{0})
			return nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// unescape undoes the four escapes of STOMP 1.2; any other is malformed. A raw
// colon is taken as it is: addresses arrive so.
func unescape(s string) (string, error) {
	if strings.IndexByte(s, '\\') < 0 {
		return s, nil
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c != '\\' {
			b = append(b, c)
			continue
		}
		i++
		if i == len(s) {
			return "", fmt.Errorf("%w: escape without a letter", ErrMalformed)
		}
		switch s[i] {
		case '\\':
			b = append(b, '\\')
		case 'r':
			b = append(b, '\r')
		case 'n':
			b = append(b, '\n')
		case 'c':
			b = append(b, ':')
		default:
			return "", fmt.Errorf("%w: escape \\%c", ErrMalformed, s[i])
		}
	}
	return string(b), nil
}
