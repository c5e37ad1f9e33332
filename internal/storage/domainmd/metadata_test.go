// SPDX-License-Identifier: GPL-2.0-or-later

package domainmd

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"govdsm/api"
)

func example() Domain {
	return Domain{
		Version: Version5, ID: "cd613e30-d8f1-4adf-91b7-584a2265b1f5", Type: NFS, Class: Data,
		Description: "Straße & 1", Role: Regular, Lease: DefaultLease(),
		Alignment: mib, BlockSize: 512, RemotePath: "server:/x",
	}
}

func file(t testing.TB, m Metadata) []byte {
	t.Helper()
	b, err := m.File()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Whatever single byte of a sealed file changes, the file is refused or means
// the same: a line ending may become another line ending, and the key of the
// checksum may be hurt, which leaves a text without checksum and with one key
// nobody knows.
func TestEveryFlippedByte(t *testing.T) {
	m := New(example())
	sealed := file(t, m)
	seal := bytes.Index(sealed, []byte(checksumKey))
	for i := range sealed {
		for _, bit := range []byte{0x01, 0x20, 0x80} {
			hurt := bytes.Clone(sealed)
			hurt[i] ^= bit
			got, err := ParseFile(hurt)
			if err != nil {
				if !errors.Is(err, api.ErrMetaDataSealIsBroken) {
					t.Fatal(i, err)
				}
				continue
			}
			if i >= seal {
				got.Remove(got.Keys()[len(got.Keys())-1])
			}
			if i < seal-1 && !got.Equal(m) {
				t.Errorf("byte %d, bit %x: %v", i, bit, got)
			}
		}
	}
}

func TestTruncated(t *testing.T) {
	sealed := file(t, New(example()))
	seal := bytes.Index(sealed, []byte(checksumKey+"="))
	for n := seal + len(checksumKey) + 1; n < len(sealed)-1; n++ {
		if _, err := ParseFile(sealed[:n]); !errors.Is(err, api.ErrMetaDataSealIsBroken) {
			t.Errorf("cut after %d of %d bytes: %v", n, len(sealed), err)
		}
	}
}

func TestReading(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want map[string]string
		code *api.Code
	}{
		"nothing":              {text: "", want: nil},
		"NULs":                 {text: "\x00\x00", want: nil},
		"only a checksum":      {text: "_SHA_CKSUM=00\n", want: nil},
		"no checksum":          {text: "A=1\nB=2", want: map[string]string{"A": "1", "B": "2"}},
		"other lines":          {text: "A=1\n# note\n\nB=2\n", want: map[string]string{"A": "1", "B": "2"}},
		"spaces":               {text: " A \t= 1 \n", want: map[string]string{"A": " 1 "}},
		"a sign in the value":  {text: "A=b=c\n", want: map[string]string{"A": "b=c"}},
		"twice":                {text: "A=1\nA=2\n", want: map[string]string{"A": "2"}},
		"other line endings":   {text: "A=1\r\nB=2\x85C=3", code: api.ErrMetaDataSealIsBroken},
		"CRLF":                 {text: "A=1\r\nB=2\r\n", want: map[string]string{"A": "1", "B": "2"}},
		"not UTF-8":            {text: "A=\xff\n", code: api.ErrMetaDataSealIsBroken},
		"wrong checksum":       {text: "A=1\n_SHA_CKSUM=00\n", code: api.ErrMetaDataSealIsBroken},
		"empty checksum":       {text: "A=1\n_SHA_CKSUM=\n", code: api.ErrMetaDataSealIsBroken},
		"checksum in any line": {text: "_SHA_CKSUM=" + checksum([]string{"A=1", "B=2"}) + "\nB=2\nA=1\n", want: map[string]string{"A": "1", "B": "2"}},
	} {
		m, err := ParseFile([]byte(c.text))
		if c.code != nil {
			if !errors.Is(err, c.code) {
				t.Errorf("%s: %v, %v", name, m, err)
			}
			continue
		}
		if err != nil || !m.Equal(Metadata{c.want}) || m.Empty() != (c.want == nil) {
			t.Errorf("%s: %v, %v", name, m, err)
		}
	}
}

// What hosts of another version or other programs wrote stays, and is sealed.
func TestUnknownKeysStay(t *testing.T) {
	m := New(example())
	m.Set("SOMETHING_NEW", "a, b")
	read, err := ParseFile(file(t, m))
	if err != nil {
		t.Fatal(err)
	}
	read.SetDescription("other")
	read.SetPool(NewPool("p", example().ID, 1))
	again, err := ParseFile(file(t, read))
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := again.Get("SOMETHING_NEW"); got != "a, b" {
		t.Errorf("%q", got)
	}
}

func TestCloneIsApart(t *testing.T) {
	m := New(example())
	c := m.Clone()
	c.SetRole(Master)
	c.Remove(KeyVersion)
	if d, err := m.Domain(); err != nil || d.Role != Regular {
		t.Error(d, err)
	}
}

// A value in which a line ends would be read back as other keys.
func TestRefusesToWrite(t *testing.T) {
	for _, end := range []string{"\n", "\r", "\r\n", "\v", "\f", "\x1c", "\x1d", "\x1e", "\u0085", "\u2028", "\u2029", "\xff"} {
		m := New(example())
		m.SetDescription("x" + end + "ROLE=Master")
		if b, err := m.File(); !errors.Is(err, api.ErrInvalidParameterException) {
			t.Errorf("%q: %v\n%s", end, err, b)
		}
		if tags, err := m.Tags(); err == nil {
			t.Errorf("%q: %q", end, tags)
		}
	}
	for _, key := range []string{"A=B", " A", "A\n", checksumKey} {
		var m Metadata
		m.Set(key, "1")
		if _, err := m.Lines(); err == nil {
			t.Errorf("key %q written", key)
		}
	}
}

func TestTagChange(t *testing.T) {
	before := New(example())
	tags, err := before.Tags()
	if err != nil {
		t.Fatal(err)
	}
	tags = append(tags, "RHAT_storage_domain")
	if remove, add, err := before.TagChange(tags); len(remove)+len(add) > 0 || err != nil {
		t.Error("no change:", remove, add, err)
	}

	after := before.Clone()
	after.SetRole(Master)
	after.Remove(KeyRemotePath)
	after.Set("NEW", "ß")
	remove, add, err := after.TagChange(tags)
	if err != nil {
		t.Fatal(err)
	}
	tags = append(slices.DeleteFunc(tags, func(tag string) bool { return slices.Contains(remove, tag) }), add...)
	if read, err := ParseTags(tags); err != nil || !read.Equal(after) {
		t.Error(read, err)
	}
	if !slices.Contains(tags, "RHAT_storage_domain") || slices.Contains(tags, "MDT_ROLE=Regular") {
		t.Error(tags)
	}
	if len(remove) != 3 || len(add) != 3 { // the role, the path or the new key, the checksum
		t.Error(remove, add)
	}
}

// FuzzFile: whatever is read can be written, and is read back as the same.
func FuzzFile(f *testing.F) {
	for _, seed := range []string{"", "A=1\n", "A=1\n_SHA_CKSUM=00\n", " x = \x1f\n=\n\x00", "POOL_DOMAINS='a':'active'"} {
		f.Add([]byte(seed))
	}
	f.Add(file(f, New(example())))
	f.Fuzz(func(t *testing.T, content []byte) {
		m, err := ParseFile(content)
		if err != nil {
			if !errors.Is(err, api.ErrMetaDataSealIsBroken) {
				t.Fatal(err)
			}
			return
		}
		if d, err := m.Domain(); err == nil && d.ID == "" && m.Empty() {
			t.Fatal("a domain out of nothing")
		}
		m.Pool() // must not panic
		if m.Empty() {
			return
		}
		again, err := ParseFile(file(t, m))
		if err != nil || !again.Equal(m) {
			t.Fatalf("%v: %q, was %q", err, again.values, m.values)
		}
		tags, err := m.Tags()
		if err != nil {
			t.Fatal(err)
		}
		if again, err = ParseTags(tags); err != nil || !again.Equal(m) {
			t.Fatalf("%v: tags %q, was %q", err, tags, m.values)
		}
		if bad := strings.Trim(strings.Join(tags, ""), "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+.-/=!:#&"); bad != "" {
			t.Fatalf("LVM does not take %q", bad)
		}
	})
}
