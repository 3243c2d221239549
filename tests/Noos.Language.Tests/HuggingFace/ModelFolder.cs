using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using Noos.Language.Safetensors;
using Noos.Testing;

namespace Noos.Language.Tests.HuggingFace;

/// <summary>A tiny model as Hugging Face keeps one. Every value of a tensor is its row plus a hundredth of its column.</summary>
sealed class ModelFolder : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public ModelFolder(string architecture, int vocabularySize, Action<JsonObject>? change = null)
    {
        Config = new JsonObject
        {
            ["architectures"] = new JsonArray(architecture),
            ["num_hidden_layers"] = 1,
            ["hidden_size"] = 8,
            ["intermediate_size"] = 16,
            ["num_attention_heads"] = 2,
            ["num_key_value_heads"] = 1,
            ["vocab_size"] = vocabularySize,
            ["max_position_embeddings"] = 64,
            ["rms_norm_eps"] = 1e-6,
            ["rope_theta"] = 50_000,
            ["bos_token_id"] = 1,
            ["eos_token_id"] = 2,
        };
        change?.Invoke(Config);
        Write("config.json", Config);
    }

    public JsonObject Config { get; }

    public string Path => _folder.Path;

    public string File(string name) => _folder.File(name);

    public void Write(string name, JsonNode json) => System.IO.File.WriteAllText(File(name), json.ToJsonString());

    /// <summary>Writes all weights into one file, or one file for every so many with an index.</summary>
    public ModelFolder WithWeights(bool hasBiases = false, bool hasHeadNorms = false, bool hasOutput = true, int perFile = int.MaxValue)
    {
        var (width, vocabulary, forward) = (8L, (long)(int)Config["vocab_size"]!, 16L);
        var tensors = new List<SafetensorsEntry> { Entry("model.embed_tokens.weight", vocabulary, width) };
        foreach (var (name, rows, columns) in (IEnumerable<(string, long, long)>)[("self_attn.q_proj", 8, width),
            ("self_attn.k_proj", 4, width), ("self_attn.v_proj", 4, width), ("self_attn.o_proj", width, 8),
                ("mlp.gate_proj", forward, width), ("mlp.up_proj", forward, width), ("mlp.down_proj", width, forward)])
        {
            tensors.Add(Entry($"model.layers.0.{name}.weight", rows, columns));
            if (hasBiases && name.StartsWith("self", StringComparison.Ordinal) && !name.Contains("o_proj", StringComparison.Ordinal))
            {
                tensors.Add(Entry($"model.layers.0.{name}.bias", rows));
            }
        }

        tensors.AddRange(
            [Entry("model.layers.0.input_layernorm.weight", width), Entry("model.layers.0.post_attention_layernorm.weight", width),
                Entry("model.norm.weight", width)]);
        tensors.AddRange(hasHeadNorms
            ? [Entry("model.layers.0.self_attn.q_norm.weight", 4), Entry("model.layers.0.self_attn.k_norm.weight", 4)]
            : []);
        tensors.AddRange(hasOutput ? [Entry("lm_head.weight", vocabulary, width)] : []);
        if (tensors.Count <= perFile)
        {
            SafetensorsWriter.Write(File("model.safetensors"), tensors);
            return this;
        }

        var map = new JsonObject();
        foreach (var (index, part) in tensors.Chunk(perFile).Index())
        {
            var name = $"model-{index}.safetensors";
            SafetensorsWriter.Write(File(name), part);
            foreach (var tensor in part)
            {
                map[tensor.Name] = name;
            }
        }

        Write("model.safetensors.index.json", new JsonObject { ["weight_map"] = map });
        return this;
    }

    /// <summary>Writes tensors of any names; without columns a vector.</summary>
    public ModelFolder WithTensors(IEnumerable<(string Name, long Rows, long Columns)> tensors)
    {
        SafetensorsWriter.Write(
            File("model.safetensors"), [.. tensors.Select(tensor => Entry(tensor.Name, tensor.Rows, tensor.Columns))]);
        return this;
    }

    /// <summary>A SentencePiece model: the unknown token, the two ends, 256 bytes, then pieces with falling scores.</summary>
    public ModelFolder WithSentencePiece(params string[] pieces)
    {
        var bytes = new List<byte>();
        Add("<unk>", 0, 2);
        Add("<s>", 0, 3);
        Add("</s>", 0, 3);
        for (var value = 0; value < 256; value++)
        {
            Add($"<0x{value:X2}>", 0, 6);
        }

        for (var index = 0; index < pieces.Length; index++)
        {
            Add(pieces[index], -index, 1);
        }

        // A setting of the trainer, which is not read.
        bytes.AddRange([0x12, 0x02, 0x08, 0x01]);
        System.IO.File.WriteAllBytes(File("tokenizer.model"), [.. bytes]);
        return this;

        void Add(string piece, float score, byte kind)
        {
            var name = Encoding.UTF8.GetBytes(piece);
            bytes.AddRange(
                [0x0A, (byte)(name.Length + 9), 0x0A, (byte)name.Length, .. name, 0x15, .. BitConverter.GetBytes(score), 0x18, kind]);
        }
    }

    public void Dispose() => _folder.Dispose();

    static SafetensorsEntry Entry(string name, long rows, long columns = 0)
    {
        var width = Math.Max(1, columns);
        var values = Enumerable.Range(0, (int)(rows * width)).Select(index => (index / width) + ((index % width) / 100f)).ToArray();
        return new SafetensorsEntry(name, SafetensorsType.F32, columns > 0 ? [rows, columns] : [rows], stream =>
            stream.Write(MemoryMarshal.AsBytes<float>(values)));
    }
}
