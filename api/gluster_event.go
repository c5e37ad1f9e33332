// SPDX-License-Identifier: GPL-2.0-or-later

package api

// GlusterEventWebhookAdd makes gluster send its events to a URL.
var GlusterEventWebhookAdd = declare[GlusterEventWebhookAddParams, bool]("GlusterEvent.webhookAdd", "4.2")

// GlusterEventWebhookAddParams are the parameters of GlusterEvent.webhookAdd.
type GlusterEventWebhookAddParams struct {
	URL         string `json:"url"`
	BearerToken string `json:"bearerToken"`
}

// GlusterEventWebhookUpdate changes the token sent to a URL.
var GlusterEventWebhookUpdate = declare[GlusterEventWebhookUpdateParams, bool]("GlusterEvent.webhookUpdate", "4.2")

// GlusterEventWebhookUpdateParams are the parameters of
// GlusterEvent.webhookUpdate.
type GlusterEventWebhookUpdateParams struct {
	URL         string `json:"url"`
	BearerToken string `json:"bearerToken"`
}

// GlusterEventWebhookSync makes all hosts know the same URLs.
var GlusterEventWebhookSync = declare[NoParams, bool]("GlusterEvent.webhookSync", "4.2")

// GlusterEventWebhookDelete ends sending events to a URL.
var GlusterEventWebhookDelete = declare[GlusterEventWebhookDeleteParams, bool]("GlusterEvent.webhookDelete", "4.2")

// GlusterEventWebhookDeleteParams are the parameters of
// GlusterEvent.webhookDelete.
type GlusterEventWebhookDeleteParams struct {
	URL string `json:"url"`
}
