// What is marked so sends its page to the printer; the style sheet makes it one page.
"use strict";
document.addEventListener("click", (event) => { if (event.target.closest?.("[data-print]")) window.print(); });
