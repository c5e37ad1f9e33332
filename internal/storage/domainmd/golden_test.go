// SPDX-License-Identifier: GPL-2.0-or-later

package domainmd

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strconv"
	"testing"
)

// recorded is a case of domain-metadata.json: what the original writes for
// given values.
type recorded struct {
	Name    string                     `json:"name"`
	Storage string                     `json:"storage"`
	Input   map[string]json.RawMessage `json:"input"`
	Hex     string                     `json:"file_hex"`
	Lines   []string                   `json:"lines"`
	Tags    []string                   `json:"vg_tags"`
}

func recordings(t testing.TB) []recorded {
	t.Helper()
	text, err := os.ReadFile("testdata/domain-metadata.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []recorded }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) < 12 {
		t.Fatalf("only %d cases", len(file.Cases))
	}
	return file.Cases
}

func (c recorded) value(t *testing.T, key string, v any) {
	t.Helper()
	if raw, ok := c.Input[key]; ok {
		if err := json.Unmarshal(raw, v); err != nil {
			t.Fatalf("%s: %v", key, err)
		}
	}
}

// domain is the input of a recording in our types.
func (c recorded) domain(t *testing.T) Domain {
	d := Domain{Alignment: mib, BlockSize: 512}
	for key, field := range map[string]any{
		KeyVersion: &d.Version, KeyID: &d.ID, KeyType: &d.Type, KeyClass: &d.Class,
		KeyDescription: &d.Description, KeyRole: &d.Role, KeyPools: &d.Pools,
		KeyLockPolicy: &d.Lease.Policy, KeyLockRenewal: &d.Lease.Renewal, KeyLeaseTime: &d.Lease.LeaseTime,
		KeyIOTimeout: &d.Lease.IOTimeout, KeyLeaseRetries: &d.Lease.Retries, KeyRemotePath: &d.RemotePath,
		KeyVGUUID: &d.VGUUID, KeyAlignment: &d.Alignment, KeyBlockSize: &d.BlockSize,
	} {
		c.value(t, key, field)
	}
	if len(d.Pools) == 0 {
		d.Pools = nil
	}
	for n := 0; ; n++ {
		var pv struct {
			GUID, UUID, PECount string
			MapOffset           int64
		}
		key := fmt.Sprintf("PV%d", n)
		if c.value(t, key, &pv); pv.GUID == "" {
			return d
		}
		count, err := strconv.ParseInt(pv.PECount, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		d.PVs = append(d.PVs, PV{n, pv.GUID, pv.UUID, count, pv.MapOffset})
	}
}

func (c recorded) pool(t *testing.T) (p Pool, ok bool) {
	if _, ok = c.Input[KeyMasterVersion]; !ok {
		return p, false
	}
	c.value(t, KeyMasterVersion, &p.MasterVersion)
	c.value(t, KeyPoolDescription, &p.Description)
	c.value(t, KeyPoolSPMID, &p.SPMID)
	c.value(t, KeyPoolSPMLver, &p.SPMLver)
	dec := json.NewDecoder(bytes.NewReader(c.Input[KeyPoolDomains])) // in their order
	dec.Token()
	for dec.More() {
		id, _ := dec.Token()
		status, _ := dec.Token()
		p.Domains = append(p.Domains, PoolDomain{id.(string), Status(status.(string))})
	}
	return p, true
}

func TestGolden(t *testing.T) {
	for _, c := range recordings(t) {
		t.Run(c.Name, func(t *testing.T) {
			want := c.domain(t)
			m := New(want)
			pool, hasPool := c.pool(t)
			if hasPool {
				m.SetPool(pool)
			}

			var read Metadata
			var err error
			if c.Storage == "file" {
				file, err := hex.DecodeString(c.Hex)
				if err != nil {
					t.Fatal(err)
				}
				if got, err := m.File(); err != nil || !bytes.Equal(got, file) {
					t.Errorf("written %v:\n%s\nthe original:\n%s", err, got, file)
				}
				read, err = ParseFile(append(file, make([]byte, 300)...))
				if err != nil {
					t.Fatal(err)
				}
			} else {
				if got, err := m.Tags(); err != nil || !slices.Equal(got, c.Tags) {
					t.Errorf("written %v:\n%q\nthe original:\n%q", err, got, c.Tags)
				}
				if got, err := m.Lines(); err != nil || !slices.Equal(got, c.Lines) {
					t.Errorf("lines %v:\n%q\nthe original:\n%q", err, got, c.Lines)
				}
				if read, err = ParseTags(append([]string{"RHAT_storage_domain"}, c.Tags...)); err != nil {
					t.Fatal(err)
				}
			}
			if !read.Equal(m) {
				t.Errorf("read %v", read)
			}
			if got, err := read.Domain(); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%v: read\n%+v\nwant\n%+v", err, got, want)
			}
			if read.HasPool() != hasPool {
				t.Error("pool:", read.HasPool())
			}
			if got, err := read.Pool(); hasPool && (err != nil || !reflect.DeepEqual(got, pool)) {
				t.Errorf("%v: read %+v, want %+v", err, got, pool)
			}
		})
	}
}

func TestTagEncoding(t *testing.T) {
	text, err := os.ReadFile("testdata/vg-tag-encoding.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct{ Plain, Encoded string }
	if err := json.Unmarshal(text, &cases); err != nil || len(cases) < 10 {
		t.Fatal(err, len(cases))
	}
	for _, c := range cases {
		if got := EncodeTag(c.Plain); got != c.Encoded {
			t.Errorf("%q: %q, want %q", c.Plain, got, c.Encoded)
		}
		if got := DecodeTag(c.Encoded); got != c.Plain {
			t.Errorf("%q: %q, want %q", c.Encoded, got, c.Plain)
		}
	}
	for _, strange := range []string{"&", "&&", "&x&", "&99999999999&", "&1114112&", "&55296&", "&-1&"} {
		if got := DecodeTag(strange); got != strange {
			t.Errorf("%q became %q", strange, got)
		}
	}
}
