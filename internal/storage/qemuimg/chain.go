// SPDX-License-Identifier: GPL-2.0-or-later

package qemuimg

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrForeign says that an image needs something that is no image of its
	// folder: another file of the host, another server, a device.
	ErrForeign = errors.New("the image leads out of its folder")
	// ErrNotQCOW2 says that what should be a QCOW2 image is none.
	ErrNotQCOW2 = errors.New("not a QCOW2 image")
	// ErrChain says that a chain of images has no end.
	ErrChain = errors.New("the chain of images is too long or leads back to itself")
	// ErrFormat says that nobody knows the format of an image.
	ErrFormat = errors.New("the format of the backing image is not known")
)

// Header is the beginning of a QCOW2 image. See docs/interop/qcow2.txt of QEMU.
type Header struct {
	Version       uint32
	Size          uint64 // virtual, bytes
	Backing       string // as it is written
	BackingFormat Format // "" when it is not written
	DataFile      bool   // the data is kept in another file
	Encrypted     bool
}

// HeaderSize is how much of an image ParseHeader wants, in bytes: a cluster of
// the usual size.
const HeaderSize = 64 << 10

const (
	qcowMagic       = 0x514649fb
	extensionEnd    = 0
	extensionFormat = 0xe2792aca
	dataFileBit     = 1 << 2
)

// ParseHeader reads a QCOW2 header from the first bytes of an image.
func ParseHeader(b []byte) (*Header, error) {
	if len(b) < 72 || binary.BigEndian.Uint32(b) != qcowMagic {
		return nil, ErrNotQCOW2
	}
	h := &Header{
		Version:   binary.BigEndian.Uint32(b[4:]),
		Size:      binary.BigEndian.Uint64(b[24:]),
		Encrypted: binary.BigEndian.Uint32(b[32:]) != 0,
	}
	extensions := 72
	switch h.Version {
	case 2:
	case 3:
		if len(b) < 104 {
			return nil, ErrNotQCOW2
		}
		h.DataFile = binary.BigEndian.Uint64(b[72:])&dataFileBit != 0
		extensions = int(min(binary.BigEndian.Uint32(b[100:]), HeaderSize))
	default:
		return nil, fmt.Errorf("%w: version %d", ErrNotQCOW2, h.Version)
	}
	offset, size := binary.BigEndian.Uint64(b[8:]), binary.BigEndian.Uint32(b[16:])
	if offset == 0 || size == 0 {
		return h, nil
	}
	if size > 1023 || offset > uint64(len(b)) || offset+uint64(size) > uint64(len(b)) {
		return nil, fmt.Errorf("%w: the name of the backing file is outside the header", ErrNotQCOW2)
	}
	h.Backing = string(b[offset : offset+uint64(size)])
	h.BackingFormat = backingFormat(b[:offset], extensions)
	return h, nil
}

// backingFormat looks for the format among the header's extensions.
func backingFormat(b []byte, at int) Format {
	for at >= 72 && at+8 <= len(b) {
		kind, size := binary.BigEndian.Uint32(b[at:]), int(min(binary.BigEndian.Uint32(b[at+4:]), HeaderSize))
		at += 8
		if kind == extensionEnd || at+size > len(b) {
			return ""
		}
		if kind == extensionFormat {
			return Format(bytes.TrimRight(b[at:at+size], "\x00"))
		}
		at += (size + 7) &^ 7
	}
	return ""
}

// Reader reads the folder of an image. outofprocess.Dir does.
type Reader interface {
	ReadAt(ctx context.Context, name string, offset, size int64, direct bool) ([]byte, error)
}

// Layer is one image of a chain.
type Layer struct {
	Name   string
	Format Format
	Header *Header // nil for raw images
}

// longest is how many images a chain may have; QEMU itself takes 200.
const longest = 1000

// Chain follows an image down to its base and returns the layers, top first.
// It runs nothing and opens nothing but images in dir: a backing file that is
// none of them is ErrForeign, and so is a separate data file. folder is the name
// of dir in the folder above, by which old hosts named images; see Below. The
// format of a backing file that the image does not tell is asked of format; a
// nil one makes that ErrFormat. It is never guessed from the contents, which
// belong to a guest.
func Chain(ctx context.Context, dir Reader, folder, top string, topFormat Format, format func(name string) (Format, error)) ([]Layer, error) {
	var layers []Layer
	seen := make(map[string]bool)
	for name, f := top, topFormat; ; {
		if seen[name] || len(layers) >= longest {
			return nil, fmt.Errorf("%s: %w", name, ErrChain)
		}
		seen[name] = true
		layer := Layer{Name: name, Format: f}
		if f == Raw {
			return append(layers, layer), nil
		}
		if f != QCOW2 {
			return nil, fmt.Errorf("%s: format %q: %w", name, f, ErrForeign)
		}
		b, err := dir.ReadAt(ctx, name, 0, HeaderSize, true)
		if err != nil {
			return nil, err
		}
		if layer.Header, err = ParseHeader(b); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		below, err := layer.Header.Below(folder)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		layers = append(layers, layer)
		if below == "" {
			return layers, nil
		}
		name, f = below, layer.Header.BackingFormat
		if f == "" {
			if format == nil {
				return nil, fmt.Errorf("%s: %w", name, ErrFormat)
			}
			if f, err = format(name); err != nil {
				return nil, err
			}
		}
	}
}

// Below returns the name of the image that an image in a folder is based on, ""
// for none. It is ErrForeign when the image needs anything but an image beside
// it. Hosts before oVirt 4.0 wrote ../FOLDER/NAME, and ../FOLDER/ once more for
// each merge of a running VM: that is the same folder. Source: volume.py,
// getBackingVolumePath.
func (h *Header) Below(folder string) (string, error) {
	if h.DataFile {
		return "", fmt.Errorf("its data is in another file: %w", ErrForeign)
	}
	if h.Backing == "" {
		return "", nil
	}
	name := h.Backing
	for folder != "" && strings.HasPrefix(name, "../"+folder+"/") {
		name = strings.TrimPrefix(name, "../"+folder+"/")
	}
	// A colon would make it the address of another protocol.
	if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/:\x00\n") {
		return "", fmt.Errorf("its backing file is %q: %w", h.Backing, ErrForeign)
	}
	return name, nil
}
