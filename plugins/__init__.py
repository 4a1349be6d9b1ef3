"""The connectors that ship with Cordon, one folder for each network. They import `console.api` only."""
