// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"context"

	"govdsm/api"
)

// short is a VM in a list.
func (v *VM) short() api.VmShortStatus {
	return api.VmShortStatus{VMID: api.UUID(v.id), Status: v.status(), StatusTime: statusTime()}
}

// chosen returns the VMs of those ids, or all without ids. Unknown ids are left
// out.
func (m *VMs) chosen(ids []api.UUID) []*VM {
	if len(ids) == 0 {
		return m.all()
	}
	var list []*VM
	for _, id := range ids {
		if v := m.lookup(string(id)); v != nil {
			list = append(list, v)
		}
	}
	return list
}

// getVMList lists VMs. The parameters fullStatus and onlyUUID have no effect
// in the original either.
func (m *VMs) getVMList(_ context.Context, p *api.HostGetVMListParams) ([]api.VmInfo, error) {
	list := []api.VmInfo{}
	for _, v := range m.chosen(p.VMList) {
		list = append(list, api.VmInfo{Union: api.Union{Value: v.short()}})
	}
	return list, nil
}

func (m *VMs) getVMFullList(_ context.Context, p *api.HostGetVMFullListParams) ([]api.VmShortStatus, error) {
	list := []api.VmShortStatus{}
	for _, v := range m.chosen(p.VMList) {
		list = append(list, v.short())
	}
	return list, nil
}

func (m *VMs) getInfo(_ context.Context, p *api.VMGetInfoParams) (api.VmShortStatus, error) {
	v, err := m.find(p.VMID)
	if err != nil {
		return api.VmShortStatus{}, err
	}
	return v.short(), nil
}

// dumpXMLs answers the domain XML of each VM as libvirt last wrote it, or as
// the manager sent it while the VM has not started.
func (m *VMs) dumpXMLs(_ context.Context, p *api.HostDumpxmlsParams) (map[api.UUID]string, error) {
	xmls := make(map[api.UUID]string, len(p.VMList))
	for _, id := range p.VMList {
		v := m.lookup(string(id))
		if v == nil {
			return nil, api.ErrJsonRpcInternal.With("reason", "'"+string(id)+"'")
		}
		xmls[id] = v.view.Load().xml
	}
	return xmls, nil
}
