using System.Text.Json;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Language.Templates;
using Noos.Language.Tokenization;

namespace Noos.Language.Tests.Templates;

public sealed class ChatTemplateTests
{
    /// <summary>Bytes that one hostile template may allocate.</summary>
    const long MaxMemory = 64 << 20;

    static readonly JsonElement s_variables = JsonSerializer.SerializeToElement(new { d = new { a = 1 } });

    /// <summary>Templates and what Python's jinja2 makes of them.</summary>
    public static TheoryData<string, string> Expressions { get; } = new()
    {
        { "{{ 1 + 2 * 3 - 4 // 3 }}|{{ 7 % 3 }}|{{ -7 // 2 }}|{{ -7 % 3 }}|{{ 7 / 2 }}|{{ 2 ** 10 }}|{{ 2 ** -1 }}",
            "6|1|-4|2|3.5|1024|0.5" },
        { "{{ 1.0 }} {{ 1e16 }} {{ 1e-5 }} {{ 0.1 + 0.2 }} {{ 1e22 }} {{ 123456789012345680.0 }} {{ 0.0001 }} {{ -0.0 }} {{ 1_000 }} "
            + "{{ 0x1F }}", "1.0 1e+16 1e-05 0.30000000000000004 1e+22 1.2345678901234568e+17 0.0001 -0.0 1000 31" },
        { "{{ 12345678901234567890 * 98765432109876543210 }}", "1219326311370217952237463801111263526900" },
        { "{{ true }} {{ none }} {{ [1, 'a', \"it's\", none, (1,), {'k': 2.5}] }}",
            "True None [1, 'a', \"it's\", None, (1,), {'k': 2.5}]" },
        { "{{ 'a' ~ 1 ~ none ~ true ~ missing }}", "a1NoneTrue" },
        { "{{ true + true }} {{ 'ab' * 3 }} {{ [1] * 2 + [3] }} {{ 'x' * -1 }}", "2 ababab [1, 1, 3] " },
        { "{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 1 == 1.0 }} {{ 'a' != 'b' }} {{ [1, 2] < [1, 3] }} {{ 'b' > 'a' }} {{ 1 in [1] }} {{ 'x' "
            + "not in 'abc' }} {{ 'k' in {'k': 1} }}", "True False True True True True True True True" },
        { "{{ 0 or 'x' }} {{ '' and 'x' }} {{ 'a' and 'b' }} {{ not '' }} {{ not 1 == 2 }} {{ none or missing or 'last' }}",
            "x  b True True last" },
        { "{{ 'a' if true else 'b' }} {{ 'a' if false }}| {{ 1 if 0 else 2 if 0 else 3 }}", "a | 3" },
        { "{{ 'hello'[1:3] }} {{ 'hello'[::-1] }} {{ 'hello'[-3:] }} {{ [1,2,3,4][::2] }} {{ (1,2,3)[1:] }} {{ 'hello'[10:] }} {{ "
            + "'hello'[1] }} {{ [1,2][-1] }} {{ [1][5] }}| {{ '😀ab'[1:] }} {{ '😀ab'|length }} {{ '😀ab'[0] }}",
            "el olleh llo [1, 3] (2, 3)  e 2 | ab 3 😀" },
        { "{{ missing }} {{ missing is defined }} {{ none is none }} {{ 'a' is string }} {{ {} is mapping }} {{ [] is sequence }} {{ 5 "
            + "is iterable }} {{ 5 is number }} {{ true is number }} {{ true is integer }} {{ 2.0 is float }} {{ 'ab' is iterable }} "
            + "{{ 4 is divisibleby 2 }} {{ 3 is odd }} {{ 3 is even }} {{ 1 is not none }} {{ 3 is in [3] }} {{ 'A' is upper }} {{ 1 "
            + "is eq 1 }} {{ 2 is gt(1) }} {{ true is true }} {{ 1 is true }} {{ false is boolean }} {{ d.items() is sequence }} {{ d "
            + "is iterable }} {{ range(3) is sequence }}",
                " False True True True True False True True False True True True True False True True True True True True False True "
                + "False True True" },
        { "{{ '  x '.strip() }}|{{ ' x '|trim }}|{{ 'xxaxx'.strip('x') }}|{{ 'ab,c,'.split(',') }}|{{ ' a  b '.split() }}|{{ "
            + "'a,b,c'.split(',', 1) }}|{{ 'a,b,c'.rsplit(',', 1) }}|{{ ' a b  c '.split(none, 1) }}|{{ ' a b  c '.rsplit(none, 1) "
            + "}}|{{ 'a\\nb\\r\\nc'.splitlines() }}",
                "x|x|a|['ab', 'c', '']|['a', 'b']|['a', 'b,c']|['a,b', 'c']|['a', 'b  c ']|[' a b', 'c']|['a', 'b', 'c']" },
        { "{{ 'abc'.startswith('ab') }} {{ 'abc'.endswith(('x', 'c')) }} {{ 'abcabc'.replace('b', 'X', 1) }} {{ 'abc'.replace('', '-') "
            + "}} {{ 'abc'.find('c') }} {{ 'abc'.find('x') }} {{ 'aXbX'.count('X') }} {{ ', '.join(['a', 'b']) }} {{ 'abc'.upper() }} "
            + "{{ 'ÀB'.lower() }} {{ 'hello world'.title() }} {{ 'hELLO'.capitalize() }} {{ 'ab'.center(5, '*') }} {{ 'ab'.ljust(4) "
            + "}}| {{ '-5'.zfill(4) }} {{ 'a=b=c'.partition('=') }} {{ 'pre-x'.removeprefix('pre-') }} {{ '12'.isdigit() }} {{ "
            + "'a\\tb'.expandtabs(4) }} {{ 'Straße'.upper() }} {{ 'aBc'.swapcase() }}",
                "True True aXcabc -a-b-c- 2 -1 2 a, b ABC àb Hello World "
                + "Hello **ab* ab  | -005 ('a', '=', 'b=c') x True a   b STRASSE AbC" },
        { "{{ '{} {1} {a}'.format(1, 2, a=3) if false else '{0}-{1}-{a}'.format(1, 'x', a=none) }} {{ "
            + "'{:>5}|{:<5}|{:^5}|{:05d}|{:.2f}|{:,}|{:x}|{!r}|{{}}'.format('a', 'b', 'c', 42, 3.14159, 1234567, 255, 'q') }}",
            "1-x-None     a|b    |  c  |00042|3.14|1,234,567|ff|'q'|{}" },
        { "{{ '%s %d %05.1f %x %r %%' % ('a', 42.9, 3.14159, 255, 'q') }} {{ '%(k)s' % {'k': 'v'} }} {{ '%-5s|%5s|%+d' % ('a', 'b', 3) "
            + "}} {{ '%s' % 'one' }} {{ '%e %g %g' % (12345.678, 0.00001, 1234567.0) }}",
            "a 42 003.1 ff 'q' % v a    |    b|+3 one 1.234568e+04 1e-05 1.23457e+06" },
        { "{{ [3,1,2]|sort }} {{ ['b','A','c']|sort }} {{ ['b','A']|sort(case_sensitive=true) }} {{ "
            + "[1,2,3]|sort(reverse=true)|join('-') }} {{ [1,2,3]|first }} {{ [1,2,3]|last }} {{ []|first }}| {{ [1,2,2,1]|unique|list "
            + "}} {{ [1,2,3]|sum }} {{ [1,5,3]|max }} {{ ['b','A']|min }} {{ 'abc'|reverse }} {{ [1,2,3]|reverse|list }} {{ 'abc'|list "
            + "}} {{ [1,2,3,4,5]|batch(2)|list }} {{ [1,2,3,4,5]|slice(2)|list }}",
                "[1, 2, 3] ['A', 'b', 'c'] ['A', 'b'] 3-2-1 1 3 | [1, 2] 6 5 A cba [3, 2, 1] ['a', 'b', 'c'] [[1, 2], [3, 4], [5]] "
                + "[[1, 2, 3], [4, 5]]" },
        { "{{ [{'a': 1}, {'a': 2}]|map(attribute='a')|list }} {{ ['a','b']|map('upper')|join }} {{ [1,0,2]|select|list }} {{ "
            + "[1,2,3]|reject('equalto', 2)|list }} {{ [{'a': 1}, {'b': 2}]|selectattr('a', 'defined')|list }} {{ [{'a': 1}, {'a': "
            + "2}]|rejectattr('a', 'equalto', 1)|list }} {{ [{'a': {'b': 1}}]|map(attribute='a.b')|list }} {{ [{'a': "
            + "1}]|map(attribute='x', default='d')|list }} {{ [1,2,3]|select('>', 1)|list }} {{ [{'x': 1, 'n': 'p'}, {'x': 2, 'n': "
            + "'q'}, {'x': 1, 'n': 'r'}]|groupby('x')|list }} {{ none|selectattr('a')|list }} {{ [{'a': 2}, {'a': "
            + "1}]|sort(attribute='a') }}",
                "[1, 2] AB [1, 2] [1, 3] [{'a': 1}] [{'a': 2}] [1] ['d'] [2, 3] [(1, [{'x': 1, 'n': 'p'}, {'x': 1, 'n': 'r'}]), (2, "
                + "[{'x': 2, 'n': 'q'}])] [] [{'a': 1}, {'a': 2}]" },
        { "{{ {'b': 1, 'A': 2}|dictsort }} {{ {'b': 1, 'a': 2}|dictsort(by='value') }} {{ d|items|list }} {{ d.keys()|list }} {{ "
            + "d.values()|list }} {{ d.get('x') }} {{ d.get('x', 5) }} {{ d['a'] }} {{ d.a }} {{ d.nope }}| {{ dict(a=1, b=2) }} {{ "
            + "d.items() }} {{ {'a': 1}.items()|first }}",
                "[('A', 2), ('b', 1)] [('b', 1), ('a', 2)] [('a', 1)] ['a'] [1] None 5 1 1 | {'a': 1, 'b': 2} dict_items([('a', 1)]) "
                + "('a', 1)" },
        { "{{ 'x'|default('y') }} {{ missing|default('y') }} {{ ''|default('y', true) }} {{ missing|d }}| {{ none|default('y') }} {{ "
            + "'5'|int + 1 }} {{ 'x'|int(7) }} {{ '3.9'|int }} {{ '0x1f'|int(0, 16) }} {{ 3.7|int }} {{ '2.5'|float }} {{ 'x'|float }} "
            + "{{ 5|string ~ 1 }} {{ -3|abs }} {{ 2.567|round(2) }} {{ 2.5|round }} {{ 3.5|round }} {{ 42.1|round(0, 'ceil') }} {{ "
            + "7|round }} {{ 2.675|round(2) }} {{ 0.125|round(2) }}",
                "x y y | None 6 7 3 31 3 2.5 0.0 51 3 2.57 2.0 4.0 43.0 7 2.67 0.12" },
        { "{{ '<a href=\"x\">&'|escape }} {{ '<b>'|safe + '<i>' }} {{ ('<b>'|safe) ~ '<i>' }} {{ '<b>'|e|e }} {{ ['<', "
            + "'>'|safe]|join('&') }} {{ ('a'|safe).join(['<']) }} {{ '<'|safe|upper + '<' }} {{ '<b>'|forceescape }}",
            "&lt;a href=&#34;x&#34;&gt;&amp; <b>&lt;i&gt; <b><i> &lt;b&gt; <&> &lt; <&lt; &lt;b&gt;" },
        { "{{ 'a\\nb\\n\\nc'|indent }}|{{ 'a\\nb'|indent(2, true) }}|{{ 'a\\n\\nb'|indent('> ', blank=true) }}|{{ 'foo bar baz "
            + "qux'|truncate(9) }}|{{ 'foo bar baz qux'|truncate(9, true) }}|{{ 'one two'|wordcount }}|{{ 'hello wORLD-foo (bar'|title "
            + "}}|{{ 'aBC'|capitalize }}|{{ 'a b/ü'|urlencode }}|{{ 'x'|center(5) }}|{{ 'a%sb'|format('X') }}|{{ 'abc'|replace('b', 1) }}",
                "a\n    b\n\n    c|  a\n  b|a\n> \n> b|foo...|foo ba...|2|Hello World-Foo (Bar|Abc|a%20b/%C3%BC|  x  |aXb|a1c" },
        { "{{ {'a': [1, 2.0, none, true, \"q\\\"\\n\\u00e9\\u2028😀</b>\"], 'b': {}, 'c': []}|tojson }}",
            "{\"a\": [1, 2.0, null, true, \"q\\\"\\né\u2028😀</b>\"], \"b\": {}, \"c\": []}" },
        { "{{ {'b': 1, 'a': [1, {'x': []}], 'c': {}}|tojson(indent=2) }}",
            "{\n  \"b\": 1,\n  \"a\": [\n    1,\n    {\n      \"x\": []\n    }\n  ],\n  \"c\": {}\n}" },
        { "{{ {'b': 1, 'a': 'é'}|tojson(ensure_ascii=true, sort_keys=true, separators=(',', ':')) }} {{ 'x'|tojson }} {{ 1e100|tojson "
            + "}} {{ {1: 2, true: 3, 2.5: 4}|tojson }}", "{\"a\":\"\\u00e9\",\"b\":1} \"x\" 1e+100 {\"1\": 3, \"2.5\": 4}" },
        { "{% for x in [1,2,3] %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.first }}{{ loop.last }}{{ loop.length "
            + "}}{{ loop.previtem }}{{ loop.nextitem }}{{ loop.cycle('a', 'b') }}{{ loop.changed(x // 2) }};{% endfor %}",
            "103TrueFalse32aTrue;212FalseFalse313bTrue;321FalseTrue32aFalse;" },
        { "{% for k, v in {'a': 1, 'b': 2}.items() if v > 1 %}{{ k }}={{ v }}{{ loop.length }}{% else %}none{% endfor %}{% for x in [] "
            + "%}{% else %}empty{% endfor %}", "b=21empty" },
        { "{% for x in [[1, [2]], [3]] recursive %}{{ loop.depth }}{% if x is iterable %}({{ loop(x) }}){% else %}{{ x }}{% endif %}{% "
            + "endfor %}", "1(212(32))1(23)" },
        { "{% for x in range(10) %}{% if x == 2 %}{% continue %}{% endif %}{% if x == 5 %}{% break %}{% endif %}{{ x }}{% endfor %}{{ "
            + "range(1, 10, 3)|list }}{{ range(3, 0, -1)|list }}{{ range(3) }}", "0134[1, 4, 7][3, 2, 1]range(0, 3)" },
        { "{% set x = 1 %}{% for i in [1, 2] %}{{ x }}{% set x = x + i %}{{ x }}{% endfor %}{{ x }}{% set ns = namespace(n=0) %}{% for "
            + "i in [1, 2] %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}", "121313" },
        { "{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set t = (1, 2) %}{{ t }}{% set block %}x{{ a }}{% set a = 9 %}{% endset %}{{ block "
            + "}}{{ a }}{% set up | upper | trim %} abc {% endset %}{{ up }}", "12(1, 2)x11ABC" },
        { "{% if false %}a{% elif 0 %}b{% else %}{% set y = 'in' %}{% endif %}{{ y }}{% with z = 1, w = 2 %}{{ z }}{{ w }}{% endwith "
            + "%}{{ z }}|{% filter upper %}abc{{ 'd' }}{% endfilter %}", "in12|ABCD" },
        { "{% macro m(a, b=2, c='x') %}[{{ a }},{{ b }},{{ c }}]{% endmacro %}{{ m(1) }}{{ m(1, c=3) }}{{ m(b=1, a=2) }}{{ m() }}{% "
            + "macro v() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ v(1, 2, k=3) }}", "[1,2,x][1,2,3][2,1,x][,2,x](1, 2){'k': 3}" },
        { "{% macro w(x) %}<{{ caller(x) }}>{% endmacro %}{% call(y) w(5) %}y={{ y }}{% endcall %}{% macro outer(n) %}{{ n }}{% if n > "
            + "0 %}{{ outer(n - 1) }}{% endif %}{% endmacro %}{{ outer(3) }}", "<y=5>3210" },
        { "  {% if true %}  a{# comment #}  \n   b{% endif %}   \n c {%- if true -%}   d   {%- endif -%}  e\n\t{%+ if true %}f{% endif "
            + "+%}\ng {{- ' h ' -}}   i{#- x -#}   j", "  a  \n   b   \n cde\n\tf\ng h ij" },
        { "{% raw %}{{ x }} {% y %}{% endraw %}{{ 'a' 'b' }}{{ \"\\x41\\u00e9\\n\\t\\\\ \\' \\q \\101\" }}{{ {'a': 1}['a'] }}{{ [1, "
            + "2,] }}{{ (1) }}{{ () }}", "{{ x }} {% y %}abAé\n\t\\ ' \\q A1[1, 2]1()" },
        { "{% set j = joiner(', ') %}{{ j() }}a{{ j() }}b{% set c = cycler('x', 'y') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ "
            + "c.current }}", "a, bxyxy" },
        { "{{ 'it\\'s' }}{{ [\"it's\", 'say \"hi\"', 'both \\' and \"', '\\n\\t\\\\\\x00\\x7fé\\u200b😀'] }}",
            "it's[\"it's\", 'say \"hi\"', 'both \\' and \"', '\\n\\t\\\\\\x00\\x7fé\\u200b😀']" },
        { "{{ d.a is defined and d.zz is not defined }} {{ 'n'|upper|lower|length }} {{ 5 is not string }} {{ x is defined or 'd' }} "
            + "{{ \"a\" if d.a else \"b\" }} {{ [1,2,3][d.a] }} {{ 'abc'.x }}| {{ none.x }}| {{ 5['a'] }}|", "True 1 True d a 2 | | |" },
        { "{{ strftime_now('%d %b %Y %B %A %a %j %H:%M:%S %y %I %p %e %-d %F %D %U %W %V %u %w %%') }}",
            "07 Mar 2026 March Saturday Sat 066 15:04:05 26 03 PM  7 7 2026-03-07 03/07/26 09 09 10 6 6 %" },
        { "{{ ''.join(['a']) }}{{ missing ~ '' }}{{ missing|length }}{{ missing|list }}{{ missing == missing2 }}{{ missing|upper }}{{ "
            + "missing|join }}{{ 'a' in missing }}{% for x in missing %}{% endfor %}{{ missing|trim }}", "a0[]TrueFalse" },
        { "{{ {'a': 1, 'b': {'c': [1]}} == {'b': {'c': [1]}, 'a': 1.0} }} {{ [1] == (1,) }} {{ 'a' == 1 }} {{ none == false }} {{ 1 == "
            + "true }} {{ {1: 'x'}[true] }} {{ {1: 'x'}[1.0] }}", "True False False False True x x" },
    };

    /// <summary>Templates that jinja2 refuses, when it reads or when it renders them.</summary>
    public static TheoryData<string> Refused { get; } =
    [
        "{{ 1 + 'a' }}",
        "{{ 'a' + 1 }}",
        "{{ none + 1 }}",
        "{{ missing.x }}",
        "{{ missing + 1 }}",
        "{{ missing() }}",
        "{{ missing['a'] }}",
        "{{ none|length }}",
        "{{ 5|length }}",
        "{{ none|list }}",
        "{% for x in none %}{% endfor %}",
        "{{ 'a' in none }}",
        "{{ 1 in 'abc' }}",
        "{{ 1 < 'a' }}",
        "{{ 1 // 0 }}",
        "{{ 1 / 0 }}",
        "{{ 1 ~ 2 + 3 }}",
        "{{ d['a':] }}",
        "{{ missing[1:] }}",
        "{{ missing|tojson }}",
        "{{ d.items()|tojson }}",
        "{{ namespace(a=1)|tojson }}",
        "{{ raise_exception('no') }}",
        "{{ 'abc'.index('x') }}",
        "{{ 'a'.split('') }}",
        "{{ ', '.join([1]) }}",
        "{{ range(1000000) }}",
        "{% set d.x = 1 %}",
        "{{ nope('x') }}",
        "{{ 'a'|nope }}",
        "{{ 'a' is nope }}",
        "{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}",
        "{% macro m(a) %}{% endmacro %}{{ m(b=2) }}",
        "{% macro m(a) %}{% endmacro %}{{ m(1, a=2) }}",
        "{% set a, b = [1] %}",
        "{{ {[]: 1} }}",
        "{{ 'x' * 'y' }}",
        "{{ -'x' }}",
        "{{ [1, 'a']|sort }}",
        "{{ '%d' % 'a' }}",
        "{{ '%s %s' % 'a' }}",
        "{{ '%s' % ('a', 'b') }}",
        "{{ '{} {}'.format(1) }}",
        "{{ missing < 1 }}",
        "{{ none.split() }}",
        "{{ (1)() }}",
        "{{ 1 is divisibleby 0 }}",
        "{{ 'a'|items }}{{ ('a'|items)|list }}",
        "{{ [1,2]|map('upper', 1)|list }}",
        "{{ loop.index }}",
        "{{ missing|int }}",
        "{{ '' is string is none }}",
        "{% if %}{% endif %}",
        "{% for x %}{% endfor %}",
        "{% endif %}",
        "{% if 1 %}",
        "{{ 1",
        "{{ 'abc }}",
        "{{ 1 + }}",
        "{{ (1 }}",
        "{{ [1) }}",
        "{{ {1 2} }}",
        "{{ a.1b }}",
        "{{ a. }}",
        "{{ f(a=1, 2) }}",
        "{% set 1 = 2 %}",
        "{% set true = 2 %}",
        "{% unknown %}",
        "{% break %}",
        "{# open",
        "{{ a ! b }}",
        "{{ a || b }}",
        "{% macro m(a=1, b) %}{% endmacro %}",
        "{% call 5 %}{% endcall %}",
        "{{ '\\x4' }}",
        "{{ 1 if 2 else }}",
        "{{ }}",
        "{% if 1 if 2 else 3 %}{% endif %}",
        "{{ ''|first|upper + 1 }}",
        "{{ x = 1 }}",
    ];

    [Theory]
    [MemberData(nameof(Expressions))]
    public void Expressions_have_the_values_of_Python(string source, string expected) => Assert.Equal(expected, Render(source));

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_jinja2_refuses_is_refused_in_one_sentence_that_names_the_line(string source)
    {
        var exception = Assert.Throws<NoosException>(() => Render("\n" + source));

        // Jinja's sandbox limits ranges, which is no fault of the template's grammar.
        Assert.Equal(source.Contains("range(1000000)", StringComparison.Ordinal) ? ErrorKind.Refused : ErrorKind.Invalid, exception.Kind);
        Assert.Matches(@"(?i)line [12]\b", exception.Message);
        Assert.EndsWith(".", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tables_agree_with_jinja2()
    {
        string[] sources = [.. Expressions.Select(row => row.Data.Item1), .. Refused.Select(row => row.Data)];

        var rows = await JinjaOracle.RenderAsync(sources, [s_variables]);

        Assert.Equal(Expressions.Select(row => row.Data.Item2).Concat(Refused.Select(_ => (string?)null)), rows.Select(row => row[0].Text));
    }

    [Theory]
    [InlineData("{{ 'a' + x + 'b' }}", "a[x<y>]b")]
    [InlineData("{{ x }}{{ x }}", "[x<y>x<y>]")]
    [InlineData("{{ (' ' ~ x ~ ' ')|trim|upper }}", "[X<Y>]")]
    [InlineData("{{ ('-' + x)[1:3] + x[::-1] }}", "[x<>y<x]")]
    [InlineData("{{ x|replace('<', '(|') }}", "[x](|[y>]")]
    [InlineData("{{ 'a,b'.replace(',', x) }}", "a[x<y>]b")]
    [InlineData("{{ ('l,' + x).split(',')[1] }}{{ x.split('<')[0] }}", "[x<y>x]")]
    [InlineData("{{ [x, 'l', x]|join('-') }}", "[x<y>]-l-[x<y>]")]
    [InlineData("{{ {'k': x, 'n': 1}|tojson }}", "{\"k\": \"[x<y>]\", \"n\": 1}")]
    [InlineData("{{ d|tojson }}{{ d }}", "{\"[key]\": \"[v\\\"\\n]\"}{'[key]': '[v\"\\n]'}")]
    [InlineData("{{ '%s:%s' % (x, 'l') }}{{ '{}'.format(x) }}{{ '{:>6}'.format(x) }}", "[x<y>]:l[x<y>]  [x<y>]")]
    [InlineData("{% macro m(a) %}<{{ a }}>{% endmacro %}{{ m(x) }}{% set b %}({{ x }}){% endset %}{{ b }}", "<[x<y>]>([x<y>])")]
    [InlineData("{% for c in x %}{{ c }}.{% endfor %}", "[x].[<].[y].[>].")]
    [InlineData("{{ x|escape }}{{ x|indent }}{{ x|title }}{{ x.center(6, '*') }}", "[x&lt;y&gt;x<y>X<Y>]*[x<y>]*")]
    [InlineData("{% for k in d %}{{ k }}{% endfor %}{{ x|length }}{{ x|list }}", "[key]4['[x]', '[<]', '[y]', '[>]']")]
    public void Characters_of_the_conversation_stay_data_whatever_the_template_does(string source, string expected)
    {
        var variables = JsonSerializer.SerializeToElement(new Dictionary<string, object> { ["x"] = "x<y>", ["d"] = new { key = "v\"\n" } });

        var segments = ChatTemplate.Parse(source).Render(variables, JinjaOracle.Now);

        Assert.Equal(expected, string.Concat(segments.Select(segment => segment.IsData ? $"[{segment.Text}]" : segment.Text)));
        Assert.All(segments.Zip(segments.Skip(1)), pair => Assert.NotEqual(pair.First.IsData, pair.Second.IsData));
    }

    [Fact]
    public void A_conversation_becomes_messages_and_tools()
    {
        var template = ChatTemplate.Parse(
            "{{ bos_token }}{% for m in messages %}<{{ m.role }}>{{ m.content }}{% for c in m.tool_calls %}{{ c.id }}={{ "
            + "c.function.name }}{{ c.function.arguments|tojson }}{% endfor %}{{ m.tool_call_id }}{% endfor %}{{ "
            + "tools|map(attribute='function.name')|join(',') }}{{ mode }}{{ add_generation_prompt }}");
        var conversation = Conversation.From(
            Message.System("S"),
            Message.User("U"),
            Message.Assistant(new TextPart("A"), new ToolCallPart("add", Json("""{"a": 1}"""))),
            Message.Tool(new ToolResultPart("add", "wrong", IsError: true)));

        var text = Text(template.Render(conversation, [new ToolDeclaration("add", "Adds.", Json("{}"))], new TemplateOptions
        {
            BosToken = "<s>",
            AddGenerationPrompt = false,
            Variables = new Dictionary<string, JsonElement> { ["mode"] = Json("\"x\"") },
        }));

        Assert.Equal("<s><system>S<user>U<assistant>Acall_1=add{\"a\": 1}<tool>Error: wrongcall_1addxFalse", text);
    }

    [Theory]
    [InlineData("{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}")]
    [InlineData("{% set ns = namespace(s='x') %}{% for i in range(100) %}{% set ns.s = ns.s + ns.s %}{% endfor %}")]
    [InlineData("{{ 'x' * 1000000000000 }}")]
    [InlineData("{{ [1] * 1000000000 }}")]
    [InlineData("{{ 9 ** 9 ** 99999 }}")]
    [InlineData("{{ 9 ** 99999999999999999999 }}")]
    [InlineData("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}")]
    [InlineData("{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}")]
    [InlineData("{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}")]
    [InlineData("{% set l = [] %}{% for i in range(100000) %}{{ l.append(l) or '' }}{% endfor %}{{ l }}")]
    [InlineData("{% set l = [1] %}{% for i in range(1000) %}{{ l.extend(l) or '' }}{% endfor %}")]
    [InlineData("{% set s = 'ab' * 2000000 %}{% for i in range(100000) %}{{ 'bbbbbbbbbbbbbbbbbbbbbb' in s }}{% endfor %}")]
    [InlineData("{{ ('a' * 1000000).replace('', 'b' * 1000000) }}")]
    [InlineData("{{ '%999999999d' % 1 }}")]
    [InlineData("{{ '{:>999999999}'.format(1) }}")]
    [InlineData("{{ 'x'.ljust(999999999) }}{{ 'x'|center(999999999) }}")]
    [InlineData("{{ '\t'.expandtabs(999999999) }}")]
    [InlineData("{{ [1]|batch(999999999, 1)|list }}")]
    [InlineData("{{ [1]|slice(999999999)|list }}")]
    [InlineData("{{ 'x'|indent(999999999)|length }}{{ {'a': 1}|tojson(indent=999999999) }}")]
    [InlineData("{% set x = ('9' * 5000)|int %}{% for i in range(100000) %}{{ 2 ** 4000 * 2 ** 4000 }}{% endfor %}")]
    public void Hostile_templates_are_stopped(string source) =>
        Assert.Equal(ErrorKind.Refused, Assert.Throws<NoosException>(() => Render(source)).Kind);

    [Theory]
    [InlineData("{{ ", "(", "1", ")", " }}")]
    [InlineData("{{ ", "[", "", "]", " }}")]
    [InlineData("{{ ", "not ", "1", "", " }}")]
    [InlineData("{{ ", "-", "1", "", " }}")]
    [InlineData("{{ 1", " + 1", "", "", " }}")]
    [InlineData("{{ 1", "|abs", "", "", " }}")]
    [InlineData("{{ d", ".x", "", "", " }}")]
    [InlineData("{{ ", "1 if 1 else ", "1", "", " }}")]
    [InlineData("", "{% if 1 %}", "", "{% endif %}", "")]
    [InlineData("", "{% for x in [1] %}", "", "{% endfor %}", "")]
    [InlineData("", "{% macro m() %}", "", "{% endmacro %}", "")]
    public void Deep_nesting_ends_in_a_text_or_a_refusal(string before, string open, string middle, string close, string after)
    {
        foreach (var depth in new[] { 10, 1_000, 50_000 })
        {
            try
            {
                Render(before + string.Concat(Enumerable.Repeat(open, depth)) + middle + string.Concat(Enumerable.Repeat(close, depth))
                    + after);
            }
            catch (NoosException)
            {
            }
        }
    }

    [Fact]
    public void Mutated_templates_give_a_text_or_a_refusal()
    {
        string[] seeds = [ChatFormat.JinjaTemplate, .. Expressions.Select(row => row.Data.Item1), .. Refused.Select(row => row.Data)];
        string[] tokens = ["{%", "%}", "{{", "}}", "{#", "#}", "-", " if ", " else ", "endif", "endfor", "(", ")", "[", "]", "'", "|", ".",
            "~", "**", "999999", "loop", "messages", "None", "\n", "\\", "\ud83d", "%s", "range("];
        var case_ = TemplateCases.All[7];
        for (var seed = 0; seed < 20_000; seed++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var random = new Random(seed);
            var text = seeds[random.Next(seeds.Length)];
            for (var change = random.Next(1, 5); change > 0; change--)
            {
                var at = random.Next(text.Length + 1);
                var end = Math.Min(at + random.Next(12), text.Length);
                text = random.Next(3) switch
                {
                    0 => text[..at] + text[end..],
                    1 => text[..at] + tokens[random.Next(tokens.Length)] + text[at..],
                    _ => text[..at] + text[at..end] + text[at..],
                };
            }

            try
            {
                ChatTemplate.Parse(text).Render(case_, JinjaOracle.Now);
            }
            catch (NoosException)
            {
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaxMemory);
        }
    }

    [Fact]
    public void A_template_that_is_too_long_is_refused() =>
        Assert.Equal(
            ErrorKind.Refused, Assert.Throws<NoosException>(() => ChatTemplate.Parse(new string('x', ChatTemplate.MaxLength + 1))).Kind);

    static string Render(string source) => Text(ChatTemplate.Parse(source).Render(s_variables, JinjaOracle.Now));

    static string Text(IEnumerable<TemplateSegment> segments) => string.Concat(segments.Select(segment => segment.Text));

    static JsonElement Json(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
