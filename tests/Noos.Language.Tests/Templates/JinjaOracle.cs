using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace Noos.Language.Tests.Templates;

/// <summary>Python's jinja2, set up as transformers does it (chat_template_utils.py).</summary>
static class JinjaOracle
{
    // A template that changes a list is refused there; llama.cpp and we let it, so it is asked again in the sandbox that lets it too.
    const string Script =
        """
        import sys, json, datetime
        import jinja2, jinja2.ext
        from jinja2.ext import Extension
        from jinja2.sandbox import ImmutableSandboxedEnvironment, SandboxedEnvironment
        from jinja2.exceptions import SecurityError

        class Generation(Extension):
            tags = {"generation"}
            def parse(self, parser):
                line = next(parser.stream).lineno
                body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
                return jinja2.nodes.CallBlock(self.call_method("_support"), [], [], body).set_lineno(line)
            @jinja2.pass_eval_context
            def _support(self, context, caller):
                return caller()

        def raise_exception(message):
            raise jinja2.exceptions.TemplateError(message)

        def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
            return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

        def strftime_now(format):
            return datetime.datetime(2026, 3, 7, 15, 4, 5).strftime(format)

        def environment(kind):
            result = kind(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols])
            result.filters["tojson"] = tojson
            result.globals["raise_exception"] = raise_exception
            result.globals["strftime_now"] = strftime_now
            return result

        environments = [environment(ImmutableSandboxedEnvironment), environment(SandboxedEnvironment)]
        data = json.loads(sys.stdin.buffer.read().decode("utf-8"))
        results = []
        for source in data["templates"]:
            row = []
            compiled = [None] * len(environments)
            for variables in data["cases"]:
                result = {}
                for index, one in enumerate(environments):
                    try:
                        compiled[index] = compiled[index] or one.from_string(source)
                        result = {"text": compiled[index].render(**json.loads(json.dumps(variables)))}
                        break
                    except SecurityError as error:
                        result = {"error": "SecurityError: " + str(error)}
                    except BaseException as error:
                        result = {"error": type(error).__name__ + ": " + str(error)}
                        break
                row.append(result)
            results.append(row)
        sys.stdout.buffer.write(json.dumps(results).encode("ascii"))
        """;

    /// <summary>What strftime_now says there.</summary>
    public static DateTimeOffset Now { get; } = new(2026, 3, 7, 15, 4, 5, TimeSpan.Zero);

    /// <summary>Renders every template with every case; skips the test where Python or jinja2 is missing.</summary>
    public static async Task<Rendering[][]> RenderAsync(IReadOnlyList<string> templates, IReadOnlyList<JsonElement> cases)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo("python3", ["-c", Script])
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        try
        {
            process.Start();
        }
        catch (Win32Exception)
        {
            Assert.Skip("python3 is not installed.");
        }

        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(new { templates, cases }));
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // Python ended early; its error output says why.
        }

        Assert.SkipWhen((await error)
            .Contains("No module named 'jinja2'", StringComparison.Ordinal), "The Python package jinja2 is not installed.");
        Assert.Equal("", await error);
        return JsonSerializer.Deserialize<Rendering[][]>(await output, JsonSerializerOptions.Web)!;
    }

    /// <summary>A text, or why there is none.</summary>
    public sealed record Rendering(string? Text, string? Error);
}
