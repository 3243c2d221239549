using System.Text.Json;
using Noos.Language.Gguf;
using Noos.Testing.RandomModels;

namespace Noos.Cli.Tests;

/// <summary><c>noos quantize</c> and <c>noos inspect</c> as a user runs them.</summary>
public sealed class ModelCommandTests(Terminal terminal) : IClassFixture<Terminal>
{
    [Fact]
    public async Task Quantize_writes_a_smaller_model_and_says_so()
    {
        var (input, output) = (Write("full.gguf", GgufTensorType.F16), File("small.gguf"));

        var result = await terminal.RunAsync(["quantize", input, output, "--to", "Q4_K_M"]);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.StartsWith($"Wrote {output} (", result.Output);
        Assert.True(new FileInfo(output).Length < new FileInfo(input).Length / 2);
        using var made = GgufFile.Open(output);
        Assert.Contains(made.Tensors, tensor => tensor.Type == GgufTensorType.Q4_K);
    }

    [Fact]
    public async Task Quantize_explains_what_is_wrong()
    {
        var small = Write("quantized.gguf", GgufTensorType.Q8_0);

        Assert.Contains("choose one of: f32, f16", await Mistake("quantize", small, File("x.gguf"), "--to", "q9"));
        Assert.Contains("is quantized already", await Mistake("quantize", small, File("x.gguf"), "--to", "q4_0"));
        Assert.Contains("There is no model", await Mistake("quantize", File("none.gguf"), File("x.gguf"), "--to", "q4_0"));
        Assert.Contains("give another file", await Mistake("quantize", small, small, "--to", "q8_0"));
        Assert.Contains("at least 1", await Mistake("quantize", small, File("x.gguf"), "--to", "q8_0", "--threads", "0"));
        Assert.False(System.IO.File.Exists(File("x.gguf")));
    }

    [Fact]
    public async Task Advise_writes_how_tokens_are_drawn_and_says_what_is_wrong()
    {
        var (input, output) = (Write("plain.gguf", GgufTensorType.F16), File("advised.gguf"));

        var result = await terminal.RunAsync(["advise", input, output, "--temperature", "0.7", "--top-p", "0.9"]);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        using var made = GgufFile.Open(output);
        Assert.Equal(0.7f, made.Metadata["general.sampling.temp"].Content);
        Assert.Equal(0.9f, made.Metadata["general.sampling.top_p"].Content);
        Assert.Contains("at least one of", await Mistake("advise", input, File("x.gguf")));
        Assert.Contains("from 0 to 1", await Mistake("advise", input, File("x.gguf"), "--top-p", "2"));
    }

    [Fact]
    public async Task Convert_explains_what_is_wrong()
    {
        Assert.Contains("There is no file", await Mistake("convert", File("no-folder"), File("x.gguf")));
        Assert.Contains("choose one of: f32, f16", await Mistake("convert", File("no-folder"), File("x.gguf"), "--to", "q9"));
    }

    [Fact]
    public async Task Inspect_says_what_the_model_is_and_what_it_takes()
    {
        var result = await terminal.RunAsync(["inspect", Write("model.gguf", GgufTensorType.Q6_K), "--context", "100"]);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("architecture qwen3moe", result.Output);
        Assert.Contains("16, of which 4 work for a token", result.Output);
        Assert.Contains("byte-level BPE", result.Output);
        Assert.Contains("Q6_K", result.Output);
        Assert.Contains("for 100 tokens", result.Output);
        Assert.Contains("it fits", result.Output);
        Assert.Matches("Runs +(yes|no: .+)", result.Output);
    }

    [Fact]
    public async Task Inspect_says_no_where_the_engine_would_refuse_the_file()
    {
        var path = Write("swapped.gguf", GgufTensorType.F16);
        var bytes = await System.IO.File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        var name = "blk.0.attn_output.weight"u8;
        // Behind the name: the number of dimensions, then each in eight bytes.
        var dimensions = bytes.AsSpan(bytes.AsSpan().IndexOf(name) + name.Length + 4, 16);
        var (first, second) = (dimensions[..8].ToArray(), dimensions[8..].ToArray());
        second.CopyTo(dimensions);
        first.CopyTo(dimensions[8..]);
        await System.IO.File.WriteAllBytesAsync(path, bytes, TestContext.Current.CancellationToken);

        var result = await terminal.RunAsync(["inspect", path]);
        var refused = await Mistake("complete", "Once", "--model", path);

        Assert.NotEqual(first, second);
        Assert.Contains("which the metadata promises", result.Output);
        Assert.Contains(refused.Trim(), result.Output);
    }

    [Fact]
    public async Task Inspect_json_has_the_same_numbers()
    {
        var path = Write("model.gguf", GgufTensorType.Q8_0);

        var json = JsonElement.Parse((await terminal.RunAsync(["inspect", path, "--json", "-c", "10", "--kv", "f32"])).Output);

        var (model, machine) = (json.GetProperty("model"), json.GetProperty("machine"));
        Assert.Equal(300, model.GetProperty("vocabularySize").GetInt32());
        Assert.Equal(new FileInfo(path).Length, model.GetProperty("fileBytes").GetInt64());

        // Two blocks of two key-value heads of 128 keys and 128 values, as 32-bit floats, for ten tokens.
        Assert.Equal(2 * 2 * 256 * sizeof(float) * 10, machine.GetProperty("cacheBytes").GetInt64());
        var small = JsonElement.Parse((await terminal.RunAsync(["inspect", path, "--json", "-c", "10", "--kv", "q8"])).Output)
            .GetProperty("machine");
        Assert.Equal(2 * 2 * 256 / 32 * 34 * 10, small.GetProperty("cacheBytes").GetInt64());
        Assert.Equal("Q8", small.GetProperty("cacheType").GetString());
        Assert.Equal(model.GetProperty("weightBytes")
            .GetInt64() + machine.GetProperty("cacheBytes")
            .GetInt64(), machine.GetProperty("memoryBytes")
            .GetInt64());
        Assert.True(machine.GetProperty("decodeTokensPerSecond").GetDouble() > 0);

        // A quarter of the experts works for a token, and the embedding table is only looked up in.
        Assert.InRange(model.GetProperty("activeWeightBytes").GetInt64(), 1, model.GetProperty("weightBytes").GetInt64() / 2);
    }

    async Task<string> Mistake(params string[] arguments)
    {
        var result = await terminal.RunAsync(arguments);
        Assert.True(result.IsMistake, $"exit code {result.ExitCode}");
        return result.Error;
    }

    string File(string name) => terminal.Home.File(name);

    string Write(string name, GgufTensorType type)
    {
        RandomModelFile.Write(File(name), RandomModelShape.Parse("tiny-qwen3moe") with { BlockCount = 2, VocabularySize = 300 }, type);
        return File(name);
    }
}
