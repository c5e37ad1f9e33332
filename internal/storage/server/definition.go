// SPDX-License-Identifier: GPL-2.0-or-later

package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"govdsm/api"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/mount"
)

// ParseType understands the number and the name of a kind of storage. One that
// cannot be connected is [api.ErrStorageServerAction].
func ParseType(text string) (domainmd.Type, error) {
	t, err := domainmd.ParseType(text)
	if err != nil || t == domainmd.Unknown || t == domainmd.CIFS {
		return 0, api.ErrStorageServerAction.Of()
	}
	return t, nil
}

// Target returns where storage of a kind is found below the repository, given
// what names it: HOST:/PATH, or a folder of this host.
func Target(repository string, t domainmd.Type, remote string) (string, error) {
	source, err := mount.Normalize(remote)
	if err != nil {
		return "", err
	}
	name := mount.Dir(source)
	if name == "." || name == ".." || name == "" || len(name) > 255 || strings.ContainsRune(name, 0) {
		return "", fmt.Errorf("%q is no name of storage", remote)
	}
	if t == domainmd.GlusterFS {
		return filepath.Join(repository, "mnt", "glusterSD", name), nil
	}
	return filepath.Join(repository, "mnt", name), nil
}

// definition is a connection as a manager describes it.
type definition map[string]any

// parse reads a definition. Managers send members that mean nothing to a kind.
func parse(raw json.RawMessage) (definition, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var d definition
	if err := dec.Decode(&d); err != nil || d == nil {
		return nil, api.ErrInvalidParameterException.OfText("connectionParams: not an object")
	}
	if _, ok := d["id"].(string); !ok {
		return nil, invalid("id", d["id"])
	}
	return d, nil
}

func (d definition) id() api.UUID { return api.UUID(d.text("id", "")) }

// text returns a member as text; missing and null are def.
func (d definition) text(key, def string) string {
	switch v := d[key].(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case nil:
		return def
	default:
		return fmt.Sprint(v)
	}
}

// number returns a member as a number; missing and null are def.
func (d definition) number(key string, def int) (int, error) {
	text := strings.TrimSpace(d.text(key, strconv.Itoa(def)))
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, invalid(key, text)
	}
	return n, nil
}

func invalid(key string, value any) error {
	return api.ErrInvalidParameterException.OfText(fmt.Sprintf("%s=%v", key, value))
}
