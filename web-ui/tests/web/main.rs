//! The pages as readers, writers and strangers meet them.

mod accounts;
mod annotations;
mod api;
mod attaching;
mod clearing;
mod commenting;
mod desk;
mod discussions;
mod erasing;
mod fake;
mod feeds;
mod files;
mod governing;
mod guards;
mod journeys;
mod links;
mod listings;
mod mending;
mod notices;
mod pages;
mod reviews;
mod searching;
mod sharing;
mod support;
