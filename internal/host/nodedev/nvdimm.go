// SPDX-License-Identifier: GPL-2.0-or-later

package nodedev

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"time"

	"govdsm/api"
)

// namespace is an element of ndctl-list(1)'s answer.
type namespace struct {
	Dev       string `json:"dev"`
	Mode      string `json:"mode"`
	Size      int64  `json:"size"`
	Align     *int64 `json:"align"`
	NUMANode  *int64 `json:"numa_node"`
	BlockDev  string `json:"blockdev"`
	CharDev   string `json:"chardev"`
	DaxRegion struct {
		Devices []struct {
			CharDev string `json:"chardev"`
		} `json:"devices"`
	} `json:"daxregion"`
}

// ndctlTime bounds the program, which walks the devices' tables.
const ndctlTime = 10 * time.Second

// NVDIMMs asks a program such as /usr/bin/ndctl for the namespaces of
// persistent memory. A host without the program has none.
func NVDIMMs(ctx context.Context, ndctl string) (api.HostDevices, error) {
	ctx, cancel := context.WithTimeout(ctx, ndctlTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, ndctl, "list", "--namespaces", "-v")
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	if errors.Is(err, exec.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", ndctl, err)
	}
	return parseNamespaces(out)
}

// parseNamespaces reads ndctl's answer: a list, one object when there is just
// one namespace, or nothing at all. A namespace without a device file is not
// in use and left out.
func parseNamespaces(out []byte) (api.HostDevices, error) {
	out = bytes.TrimSpace(out)
	if len(out) == 0 {
		return nil, nil
	}
	if out[0] == '{' {
		out = append(append([]byte{'['}, out...), ']')
	}
	var list []namespace
	if err := json.Unmarshal(out, &list); err != nil {
		return nil, fmt.Errorf("ndctl's answer: %w", err)
	}
	devices := make(api.HostDevices)
	for _, n := range list {
		file := n.BlockDev
		if file == "" {
			file = n.CharDev
		}
		if file == "" && len(n.DaxRegion.Devices) > 0 {
			file = n.DaxRegion.Devices[0].CharDev
		}
		if file == "" || n.Dev == "" {
			continue
		}
		p := api.HostDeviceParams{
			Capability:   "nvdimm",
			IsAssignable: "true",
			Parent:       new("computer"),
			DevicePath:   new("/dev/" + file),
			Mode:         known(n.Mode),
			DeviceSize:   new(api.Ulong(n.Size)),
		}
		if n.NUMANode != nil {
			p.NUMANode = new(strconv.FormatInt(*n.NUMANode, 10))
		}
		if n.Align != nil {
			p.AlignSize = new(api.Ulong(*n.Align))
		}
		devices[n.Dev] = api.HostDevice{Params: p}
	}
	return devices, nil
}
