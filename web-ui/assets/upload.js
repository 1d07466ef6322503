// Shows how far a file is while it is sent. The form is whole without it.
//
// The form goes to the same address with the same fields; what the node answers
// takes the place of the page, as without a script. A file that is too large is
// not sent at all. After a cut nothing is lost here: the file is still chosen.

const percent = new Intl.NumberFormat(document.documentElement.lang, { style: "percent" });

const tell = (form, sentence) => {
  const error = form.querySelector("[data-error]");
  error.querySelector("[data-error-text]").textContent = sentence;
  error.hidden = !sentence;
  const file = form.querySelector("input[type=file]");
  file.toggleAttribute("aria-invalid", Boolean(sentence));
  // What an earlier answer said of it is over.
  document.querySelector("main .errors")?.remove();
  if (!sentence) return;
  file.setAttribute("aria-describedby", "file-hint file-error");
  file.focus();
};

// The page that was answered, in the place of this one.
const show = (page, address) => {
  const main = document.querySelector("main");
  const fresh = page.querySelector("main");
  main.replaceChildren(...document.importNode(fresh, true).childNodes);
  document.title = page.title;
  history.replaceState(null, "", address);
  scrollTo(0, 0);
  const errors = main.querySelector(".errors");
  if (errors) errors.tabIndex = -1;
  (errors || main).focus();
};

const send = (form) => {
  const box = form.querySelector(".sending");
  const bar = box.querySelector("progress");
  const voice = box.querySelector("[role=status]");
  const cancel = box.querySelector("[data-cancel]");
  const buttons = form.querySelectorAll("button:not([data-cancel])");
  const request = new XMLHttpRequest();
  let told = -1;
  const ended = (sentence) => {
    box.hidden = true;
    for (const button of buttons) button.disabled = false;
    tell(form, sentence);
  };

  request.open("POST", form.getAttribute("action"));
  request.responseType = "document";
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    bar.max = total;
    bar.value = loaded;
    // Read aloud: not at every step.
    const step = Math.floor((20 * loaded) / total);
    if (step === told) return;
    told = step;
    voice.textContent = form.dataset.sent.replace("{percent}", percent.format(loaded / total));
  });
  request.upload.addEventListener("load", () => {
    bar.removeAttribute("value");
    voice.textContent = form.dataset.keeping;
    cancel.hidden = true;
  });
  request.addEventListener("load", () => {
    const page = request.response;
    if (page && page.querySelector("main")) show(page, request.responseURL);
    else ended(form.dataset.cut);
  });
  request.addEventListener("error", () => ended(form.dataset.cut));
  request.addEventListener("abort", () => ended(form.dataset.stopped));
  cancel.onclick = () => request.abort();

  request.send(new FormData(form));
  tell(form, "");
  bar.max = 1;
  bar.value = 0;
  cancel.hidden = false;
  box.hidden = false;
  for (const button of buttons) button.disabled = true;
};

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-upload]");
  const file = form && form.querySelector("input[type=file]").files[0];
  // Without a file the node says what is missing.
  if (!file) return;
  event.preventDefault();
  if (file.size > Number(form.dataset.limit)) tell(form, form.dataset.tooLarge);
  else send(form);
});
