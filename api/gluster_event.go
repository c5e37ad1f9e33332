// SPDX-License-Identifier: GPL-2.0-or-later

package api

var GlusterEventWebhookAdd = declare[GlusterEventWebhookAddParams, bool]("GlusterEvent.webhookAdd", "4.2")

type GlusterEventWebhookAddParams struct {
	URL         string `json:"url"`
	BearerToken string `json:"bearerToken"`
}

var GlusterEventWebhookUpdate = declare[GlusterEventWebhookUpdateParams, bool]("GlusterEvent.webhookUpdate", "4.2")

type GlusterEventWebhookUpdateParams struct {
	URL         string `json:"url"`
	BearerToken string `json:"bearerToken"`
}

var GlusterEventWebhookSync = declare[NoParams, bool]("GlusterEvent.webhookSync", "4.2")

var GlusterEventWebhookDelete = declare[GlusterEventWebhookDeleteParams, bool]("GlusterEvent.webhookDelete", "4.2")

type GlusterEventWebhookDeleteParams struct {
	URL string `json:"url"`
}
