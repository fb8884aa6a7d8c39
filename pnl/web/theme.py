"""The theme that the reader chose, before anything is painted."""

from typing import Final

THEME_SCRIPT: Final = (
    '(function(){var w="system";try{w=localStorage.getItem("pnl.theme")||w}catch(e){}'
    "var q=/[?&]theme=(dark|light|system)(&|$)/.exec(location.search);if(q)w=q[1];"
    'if(w!=="dark"&&w!=="light")w="system";var d=document.documentElement;d.dataset.themeWish=w;'
    'd.dataset.theme=w==="system"?(matchMedia("(prefers-color-scheme: dark)").matches?"dark":"light"):w})()'
)
"""Sets the theme before the first paint. Inline, so a Content-Security-Policy has to name its hash."""
