# The menu of the tray.

tray-pause-finish = Finish running, take nothing new
tray-resume = Resume
tray-quit = Quit
tray-quit-client = Quit; the worker goes on
tray-quit-busy =
    { $n ->
        [one] Quit; { $n } task will be suspended and resume later
       *[other] Quit; { $n } tasks will be suspended and resume later
    }
