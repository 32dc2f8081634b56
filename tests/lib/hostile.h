/* Texts that try to do something: what a store, a partner or a file may hold. None of them may act
 * on a terminal, move a border, or hide what stands beside it. Valid in C strings; none has a NUL. */
#ifndef TESTS_LIB_HOSTILE_H
#define TESTS_LIB_HOSTILE_H

/* What PostgreSQL takes too: valid UTF-8. */
static const char *const hostile_valid[] = {
	"\x1b[31mred\x1b[0m",
	"\x1b]0;owned\x07",
	"\x1b]52;c;cm0gLXJmIC8=\x1b\\",
	"\x1b[2J\x1b[H\x1b[?1049l",
	"\x1b"
	"c\x1b#8\x1b(0qqq",
	"\x1bP$q\"p\x1b\\\x1b_x\x1b\\",
	"\xc2\x9b"
	"31mC1\xc2\x9d"
	"0;x\xc2\x9c",
	"a\rb\bc\x7f"
	"d\x0e"
	"e\x0f",
	"\xe2\x80\xae"
	"rtl\xe2\x80\xac\xe2\x81\xa6iso\xe2\x81\xa9\xe2\x80\x8f\xd8\x9c",
	"\xe2\x80\xa8line\xe2\x80\xa9paragraph\xef\xbb\xbf"
	"bom",
	"日本語システム名前がとても長いので切られる",
	"👩‍🔬👨‍👩‍👧‍👦🏳️‍🌈🇩🇪🇪",
	"é́̂̃̄̅̆̇̈̉̊̋̌̍̎̏̐̑̒̓̔",
	"͏​‌‍⁠",
	"שלום עולם مرحبا بالعالم",
	"\xf3\xa0\x81\x81\xf3\xa0\x81\x82tags",
	"ﷺ꧅𒐫",
	"%s%n%x %1$s",
	"'; drop table orderly.message; --",
	"<script>&amp;\"'",
};

/* What no encoding allows. */
static const char *const hostile_invalid[] = {
	"\x9b"
	"31m\x9d"
	"0;x\x9c",
	"\xff\xfe\xfd",
	"\xc3",
	"\xe2\x80",
	"\xf0\x9f\x91",
	"\xc0\x9b\xe0\x82\x9b\xf0\x80\x82\x9b",
	"\xed\xa0\x80\xed\xb0\x80",
	"\xf4\x90\x80\x80\xf8\x88\x80\x80\x80",
	"a\x80z\xbf",
};

#endif
