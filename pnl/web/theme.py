"""How the reader wants it to look: theme, colours of gain and loss, a wall screen; before anything is painted."""

from typing import Final

THEME_SCRIPT: Final = (
    "(function(){var d=document.documentElement,s=location.search;"
    'function k(n){try{return localStorage.getItem("pnl."+n)}catch(e){}}'
    'function q(n){return(RegExp("[?&]"+n+"=([a-z0-9]+)(&|$)").exec(s)||[])[1]}'
    "function w(n,o){var a=q(n),b=k(n);return o.indexOf(a)>=0?a:o.indexOf(b)>=0?b:o[0]}"
    'var t=w("theme",["system","dark","light"]);d.dataset.themeWish=t;'
    'd.dataset.theme=t==="system"?(matchMedia("(prefers-color-scheme: dark)").matches?"dark":"light"):t;'
    'd.dataset.palette=w("palette",["teal","blue","green"]);if(q("kiosk")==="1")d.dataset.kiosk=""})()'
)
"""Sets what the first paint depends on. Inline, so a Content-Security-Policy has to name its hash."""
