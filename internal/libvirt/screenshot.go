// SPDX-License-Identifier: GPL-2.0-or-later

package libvirt

import (
	"context"
	"errors"
	"fmt"
	"io"

	binding "libvirt.org/go/libvirt"
)

// maxPicture bounds a screenshot, whose size the guest decides: three bytes for
// each of 32 million pixels.
const maxPicture = 96 << 20

// ErrTooLarge says that libvirt sent more than there is room for.
var ErrTooLarge = errors.New("libvirt sends too much")

// Screenshot returns a picture of a domain's first display and its MIME type.
func (c *Client) Screenshot(ctx context.Context, id string) (picture []byte, mime string, err error) {
	type result struct {
		picture []byte
		mime    string
	}
	r, err := call(ctx, c, "take a screenshot", func(conn *binding.Connect) (result, error) {
		d, err := conn.LookupDomainByUUIDString(id)
		if err != nil {
			return result{}, err
		}
		defer free(d)
		stream, err := conn.NewStream(0)
		if err != nil {
			return result{}, err
		}
		defer free(stream)
		mime, err := d.Screenshot(stream, 0, 0)
		if err != nil {
			return result{}, err
		}
		picture, err := readAll(stream)
		if err != nil {
			return result{}, errors.Join(err, stream.Abort())
		}
		return result{picture, mime}, stream.Finish()
	})
	return r.picture, r.mime, err
}

func readAll(stream *binding.Stream) ([]byte, error) {
	var all []byte
	buf := make([]byte, 256<<10)
	for {
		n, err := stream.Recv(buf)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		if len(all)+n > maxPicture {
			return nil, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, maxPicture)
		}
		all = append(all, buf[:n]...)
	}
}
