/* Placeholders: what is one, and that filled text is not scanned again. */
#include <string.h>
#include "judge/template.h"
#include "unit.h"

TEST(template_finds_placeholders) {
  static const struct {
    const char *text, *found; /* names, each with a blank behind it */
  } CASES[] = {
      {"", ""},
      {"none", ""},
      {"{{inputs}}", "inputs "},
      {"a {{ inputs }} b {{\t\noutputs\r }}c", "inputs outputs "},
      {"{{ a_1 }}{{_b}}", "a_1 _b "},
      {"{{ inputs.question }}", "inputs.question "},
      {"{{ a. }} {{ .a }} {{ a..b }}", ""},
      {"{{ 1a }} {{ a b }} {{ }} {{}}", ""},
      {"{ { inputs } } {inputs}", ""},
      {"{{ inputs }", ""},
      {"{{ inputs", ""},
      {"{{", ""},
      {"{{ {{ inputs }}", "inputs "},
      {"{{{ inputs }}}", "inputs "},
      {"{{ inputs {{ outputs }}", "outputs "},
      {"{{ \xc3\xa4 }}{{ x }}", "x "},
  };
  size_t i;
  for (i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    struct jg_placeholder hole;
    struct jg_buf names;
    size_t at = 0;
    jg_buf_init(&names, 4096);
    while (jg_template_next(CASES[i].text, &at, &hole)) {
      CHECK(memcmp(CASES[i].text + hole.start, "{{", 2) == 0);
      CHECK(memcmp(CASES[i].text + hole.end - 2, "}}", 2) == 0);
      jg_buf_add(&names, hole.name, hole.name_bytes);
      jg_buf_putc(&names, ' ');
    }
    CHECK_INT(at, strlen(CASES[i].text));
    CHECK_TEXT(jg_buf_text(&names), CASES[i].found);
    jg_buf_dispose(&names);
  }
}

static int give(void *ctx, const char *name, size_t bytes, struct jg_buf *to) {
  (void)ctx;
  if (bytes == 1 && *name == 'a') {
    jg_buf_puts(to, "{{ b }}");
    return 1;
  }
  return 0;
}

TEST(template_fills_once) {
  struct jg_err err = {0};
  struct jg_buf out;
  jg_buf_init(&out, 4096);
  CHECK_INT(jg_template_fill("x {{ a }} {{ }} {{a}}", give, NULL, &out, &err),
            JG_OK);
  CHECK_TEXT(jg_buf_text(&out), "x {{ b }} {{ }} {{ b }}");
  jg_buf_dispose(&out);
}

TEST(template_names_what_it_cannot_fill) {
  struct jg_err err = {0};
  struct jg_buf out;
  jg_buf_init(&out, 4096);
  CHECK_INT(jg_template_fill("{{ question }}", give, NULL, &out, &err),
            JG_ERROR);
  CHECK(strstr(err.text, "placeholder {{ question }} has no value") != NULL);
  jg_buf_dispose(&out);
}
