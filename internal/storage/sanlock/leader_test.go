// SPDX-License-Identifier: GPL-2.0-or-later

package sanlock

import (
	"bytes"
	"encoding/binary"
	"testing"
)

func TestParseLeader(t *testing.T) {
	t.Parallel()
	record := make([]byte, LeaderSize)
	binary.LittleEndian.PutUint32(record, magicResource)
	binary.LittleEndian.PutUint64(record[32:], 7)
	copy(record[56:], "lockspace")
	copy(record[104:], bytes.Repeat([]byte("x"), 48)) // to the last byte
	if l, ok := ParseLeader(record); !ok || l.HostID || l.Owner != 7 || l.Lockspace != "lockspace" || len(l.Resource) != 48 {
		t.Errorf("%+v, %v", l, ok)
	}
	copy(record[104:], "\xff\xfe\x00rest")
	if l, ok := ParseLeader(record); !ok || l.Resource != "\uFFFD" {
		t.Errorf("a name that is no text: %q, %v", l.Resource, ok)
	}
	for name, b := range map[string][]byte{
		"nothing": nil, "a short one": record[:199], "zeros": make([]byte, 512), "garbage": bytes.Repeat([]byte{0xff}, 512),
	} {
		if l, ok := ParseLeader(b); ok {
			t.Errorf("%s is %+v", name, l)
		}
	}
}
