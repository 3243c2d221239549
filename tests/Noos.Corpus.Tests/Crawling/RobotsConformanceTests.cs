using System.Text;
using System.Text.RegularExpressions;
using Noos.Corpus.Crawling.Robots;
using Noos.Testing;

namespace Noos.Corpus.Tests.Crawling;

/// <summary>Outside suites, where they lie beside the repository.</summary>
public sealed partial class RobotsConformanceTests
{
    /// <summary>Google's own tests: every expectation of robots_test.cc, read from its source.</summary>
    [Fact]
    public void Google_cases_come_out_as_Google_says()
    {
        var path = SharedFiles.Find("conformance", "web", "robots", "robots_test.cc");
        Assert.SkipWhen(path is null, "The tests of google/robotstxt are not there.");

        var source = LineComment().Replace(File.ReadAllText(path!), "");
        var (wrong, count) = (new List<string>(), 0);
        foreach (Match test in TestBody().Matches(source))
        {
            var texts = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (Match step in Step().Matches(test.Groups["body"].Value))
            {
                if (step.Groups["name"].Success)
                {
                    texts[step.Groups["name"].Value] = Literal(step.Groups["value"].Value);
                    continue;
                }

                var (expected, arguments) = (step.Groups["kind"].Value == "TRUE", Argument().Matches(step.Groups["arguments"].Value)
                    .Select(argument => argument.Value.StartsWith('"') ? Literal(argument.Value) : texts.GetValueOrDefault(argument.Value))
                    .ToArray());
                if (arguments is [{ } file, { } agent, { } url])
                {
                    count++;
                    var rules = RobotsFile.Parse(Encoding.UTF8.GetBytes(file), RobotsDialect.Google).RulesFor(agent);
                    if (rules.IsAllowed(PathOf(url)) != expected)
                    {
                        wrong.Add($"{test.Groups["test"].Value}: {file} {agent} {url} should be {expected}");
                    }
                }
            }
        }

        Assert.True(count > 120, $"Only {count} cases were found.");
        Assert.Empty(wrong);
    }

    /// <summary>What crawler-commons says of percent-encoding and of the examples of RFC 9309, read from its source.</summary>
    [Fact]
    public void Escaped_paths_of_crawler_commons_come_out_as_it_says()
    {
        var path = SharedFiles.Find("conformance", "web", "robots", "SimpleRobotRulesParserTest.java");
        Assert.SkipWhen(path is null, "The tests of crawler-commons are not there.");

        var source = File.ReadAllText(path!);
        source = source[..source.IndexOf("void testEscapedPaths", StringComparison.Ordinal)];
        source = source[source.LastIndexOf("@CsvSource", StringComparison.Ordinal)..];
        var cases = EscapedPath().Matches(source);
        Assert.True(cases.Count > 25);
        Assert.All(cases, found =>
        {
            var file = $"User-agent: *\r\nDisallow: {Regex.Unescape(found.Groups["rule"].Value)}\r\nAllow: /";
            var rules = RobotsFile.Parse(Encoding.UTF8.GetBytes(file)).RulesFor("mybot");
            var isAllowed = rules.IsAllowed(found.Groups["path"].Value);
            Assert.Equal((found.Value, found.Groups["allowed"].Value == "True"), (found.Value, isAllowed));
        });
    }

    /// <summary>Real files: whatever they are, Google's rules and the standard's agree on plain paths.</summary>
    [Fact]
    public void Real_files_are_read_and_the_dialects_agree_on_plain_paths()
    {
        var archive = SharedFiles.Find("conformance", "web", "robots", "real.txt");
        Assert.SkipWhen(archive is null, "The real robots.txt files are not there.");

        // A file after the other, each with a line of its length before it.
        using var stream = File.OpenRead(archive!);
        using var reader = new BinaryReader(stream);
        var (count, differing) = (0, 0);
        while (stream.Position < stream.Length)
        {
            var file = reader.ReadBytes(reader.ReadInt32());
            var strict = RobotsFile.Parse(file).RulesFor("noos");
            var google = RobotsFile.Parse(file, RobotsDialect.Google).RulesFor("noos");
            count++;
            foreach (var path in (ReadOnlySpan<string>)["/", "/search", "/admin/", "/a/b/c.html", "/index.php?id=1", "/images/x.png"])
            {
                differing += strict.IsAllowed(path) == google.IsAllowed(path) ? 0 : 1;
            }
        }

        Assert.True(count > 1000);
        Assert.Equal(0, differing);
    }

    /// <summary>What GetPathParamsQuery of Google's parser gives.</summary>
    static string PathOf(string url)
    {
        var start = url.IndexOf("//", StringComparison.Ordinal) is >= 0 and var slashes ? slashes + 2 : 0;
        var path = url.AsSpan(start).IndexOfAny('/', '?', ';');
        var rest = path < 0 ? "/" : url[(start + path)..];
        return rest.StartsWith('/') ? rest : "/" + rest;
    }

    /// <summary>C++ literals that stand one after the other are one.</summary>
    static string Literal(string source) => string.Concat(QuotedText().Matches(source).Select(part =>
        Escape().Replace(part.Groups["text"].Value, escape => escape.Groups["letter"].Value switch
        {
            "n" => "\n",
            "r" => "\r",
            "t" => "\t",
            var other => other,
        })));

    [GeneratedRegex(
        @"""(?<allowed>True|False), (?<rule>[^,""]+), https://www\.example\.com(?<path>/[^""]*)""", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex EscapedPath();

    [GeneratedRegex(@"^\s*//.*$", RegexOptions.Multiline, 10_000)]
    private static partial Regex LineComment();

    [GeneratedRegex(@"TEST\(RobotsUnittest, (?<test>\w+)\) \{(?<body>.*?)^\}", RegexOptions.Singleline | RegexOptions.Multiline, 10_000)]
    private static partial Regex TestBody();

    [GeneratedRegex(
        @"(?:absl::string_view|std::string) (?<name>\w+)\s*=\s*(?<value>(?:""(?:[^""\\]|\\.)*""\s*)+);"
        + @"|EXPECT_(?<kind>TRUE|FALSE)\(\s*IsUserAgentAllowed\((?<arguments>(?:""(?:[^""\\]|\\.)*""|[^"";])*?)\)\);",
        RegexOptions.None, 10_000)]
    private static partial Regex Step();

    [GeneratedRegex(@"(?:""(?:[^""\\]|\\.)*""\s*)+|\w+", RegexOptions.None, 10_000)]
    private static partial Regex Argument();

    [GeneratedRegex(@"""(?<text>(?:[^""\\]|\\.)*)""", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex QuotedText();

    [GeneratedRegex(@"\\(?<letter>.)", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Escape();
}
