// SPDX-License-Identifier: GPL-2.0-or-later

package libvirt

import (
	"context"

	binding "libvirt.org/go/libvirt"
)

// The methods of this file deal with libvirt's networks.

// Networks returns the names of all networks, active or not.
func (c *Client) Networks(ctx context.Context) ([]string, error) {
	return call(ctx, c, "list the networks", func(conn *binding.Connect) ([]string, error) {
		networks, err := conn.ListAllNetworks(0)
		if err != nil {
			return nil, err
		}
		names := make([]string, 0, len(networks))
		for i := range networks {
			defer free(&networks[i])
			name, err := networks[i].GetName()
			if err != nil {
				return nil, err
			}
			names = append(names, name)
		}
		return names, nil
	})
}

// NetworkXML returns the definition of a network; NoNetwork when there is none.
func (c *Client) NetworkXML(ctx context.Context, name string) (string, error) {
	return call(ctx, c, "read the network", func(conn *binding.Connect) (string, error) {
		n, err := conn.LookupNetworkByName(name)
		if err != nil {
			return "", err
		}
		defer free(n)
		return n.GetXMLDesc(0)
	})
}

// StartNetwork starts the network of that name, defining it by the document
// when there is none yet.
func (c *Client) StartNetwork(ctx context.Context, name, xml string) error {
	_, err := call(ctx, c, "start the network", func(conn *binding.Connect) (struct{}, error) {
		n, err := conn.LookupNetworkByName(name)
		if isCode(err, binding.ERR_NO_NETWORK) {
			n, err = conn.NetworkDefineXML(xml)
		}
		if err != nil {
			return struct{}{}, err
		}
		defer free(n)
		active, err := n.IsActive()
		if err != nil || active {
			return struct{}{}, err
		}
		return struct{}{}, n.Create()
	})
	return err
}

// RemoveNetwork stops a network and removes its definition. One that is not
// there is removed already.
func (c *Client) RemoveNetwork(ctx context.Context, name string) error {
	_, err := call(ctx, c, "remove the network", func(conn *binding.Connect) (struct{}, error) {
		n, err := conn.LookupNetworkByName(name)
		if isCode(err, binding.ERR_NO_NETWORK) {
			return struct{}{}, nil
		}
		if err != nil {
			return struct{}{}, err
		}
		defer free(n)
		if active, err := n.IsActive(); err == nil && active {
			if err := n.Destroy(); err != nil {
				return struct{}{}, err
			}
		}
		return struct{}{}, n.Undefine()
	})
	return err
}
