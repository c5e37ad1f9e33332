// SPDX-License-Identifier: GPL-2.0-or-later

package rtnl

import (
	"context"
	"fmt"

	"golang.org/x/sys/unix"
)

// GenericHeader returns a struct genlmsghdr, with which the body of a message to
// a part of the kernel begins.
func GenericHeader(command, version uint8) []byte { return []byte{command, version, 0, 0} }

const sizeGeneric = 4 // struct genlmsghdr

// Family asks for the type of the messages to a part of the kernel, such as
// "ethtool". See Documentation/userspace-api/netlink/intro.rst.
func (c *Conn) Family(ctx context.Context, name string) (uint16, error) {
	question := Message{
		Type: unix.GENL_ID_CTRL,
		Body: PutString(GenericHeader(unix.CTRL_CMD_GETFAMILY, 1), unix.CTRL_ATTR_FAMILY_NAME, name),
	}
	results, err := c.Do(ctx, []Message{question})
	if err == nil {
		err = results[0].Err
	}
	if err != nil {
		return 0, fmt.Errorf("generic netlink family %s: %w", name, err)
	}
	for _, m := range results[0].Reply {
		if len(m.Body) >= sizeGeneric {
			if id := Find(m.Body[sizeGeneric:], unix.CTRL_ATTR_FAMILY_ID); id != nil {
				return uint16(U32(id)), nil
			}
		}
	}
	return 0, fmt.Errorf("generic netlink family %s: the kernel tells no number", name)
}
