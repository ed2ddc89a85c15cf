"""Where things are in each browser: keys and menus that two fixes need."""

HARD_RELOAD = {
    "chrome": "Ctrl+Shift+R (Cmd+Shift+R on a Mac)",
    "edge": "Ctrl+F5 (Cmd+Shift+R on a Mac)",
    "firefox": "Ctrl+F5 (Cmd+Shift+R on a Mac)",
    "safari": "Option+Cmd+R",
}
PRIVATE = {
    "chrome": "an Incognito window (Ctrl+Shift+N, Cmd+Shift+N on a Mac)",
    "edge": "an InPrivate window (Ctrl+Shift+N, Cmd+Shift+N on a Mac)",
    "firefox": "a private window (Ctrl+Shift+P, Cmd+Shift+P on a Mac)",
    "safari": "a private window (Shift+Cmd+N)",
}
SITE_DATA = {
    "chrome": "the icon left of the address, Cookies and site data, Manage on-device site data, the bin",
    "edge": "the icon left of the address, Cookies and site data, Manage cookies, the bin",
    "firefox": "the padlock left of the address, Clear cookies and site data",
    "safari": "Settings, Privacy, Manage Website Data, search for the site, Remove",
}
EXTENSIONS = {
    "chrome": "chrome://extensions",
    "edge": "edge://extensions",
    "firefox": "about:addons",
    "safari": "Settings, Extensions",
}
EXPORT_HAR = {
    "chrome": "F12, Network, tick Preserve log, repeat the question, then the download arrow",
    "edge": "F12, Network, tick Preserve log, repeat the question, then the download arrow",
    "firefox": "F12, Network, tick Persist Logs in the gear, repeat the question, right click, Save All As HAR",
    "safari": "Develop menu, Show Web Inspector, Network, repeat the question, Export",
}
