"""Snow, wind and permanent loads of roofs, their reserve, and which of them deserve a static survey."""
