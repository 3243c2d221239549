using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Noos.Core;
using Noos.Language.Gguf;
using Noos.Language.HuggingFace;
using Noos.Language.Models;
using Noos.Language.Tests.Models;
using Noos.Language.Tests.Tokenization;
using Noos.Language.Tests.Tokenization.Vocabularies;
using Noos.Language.Tokenization;

namespace Noos.Language.Tests.HuggingFace;

public sealed class HuggingFaceConverterTests
{
    static readonly string[] s_pieces = ["▁a", "an", "▁an", "▁", "a", "n"];

    [Fact]
    public void Llama_gets_its_names_its_metadata_and_the_rows_of_its_heads_in_pairs()
    {
        using var folder = new ModelFolder("LlamaForCausalLM", 265).WithWeights(perFile: 5).WithSentencePiece(s_pieces);
        using var model = Convert(folder, "f32");
        Assert.Equal("llama", model.GetString("general.architecture"));
        Assert.Equal([1, 64, 8, 16, 2, 1, 4, 265],
            new[] { "block_count", "context_length", "embedding_length", "feed_forward_length", "attention.head_count",
                "attention.head_count_kv", "rope.dimension_count", "vocab_size" }.Select(key => (int)model.GetInteger($"llama.{key}")!));
        Assert.Equal(50_000, model.GetFloat("llama.rope.freq_base"));
        Assert.Equal(1e-6f, (float)model.GetFloat("llama.attention.layer_norm_rms_epsilon")!);
        // Of a head's halves (0 1 | 2 3) the first values pair, then the second ones.
        Assert.Equal([0, 2, 1, 3, 4, 6, 5, 7], RowNumbers(model, "blk.0.attn_q.weight", 8));
        Assert.Equal([0, 2, 1, 3], RowNumbers(model, "blk.0.attn_k.weight", 8));
        Assert.Equal([0, 1, 2, 3], RowNumbers(model, "blk.0.attn_v.weight", 8));
        Assert.Equal(12, model.Tensors.Count);
        Assert.True(model.TryGetTensor("output.weight", out var output) && output.Dimensions.SequenceEqual([8L, 265]));
    }

    [Fact]
    public void Llama_keeps_its_pieces_with_their_scores()
    {
        using var folder = new ModelFolder("LlamaForCausalLM", 270).WithWeights().WithSentencePiece(s_pieces);
        folder.Write("tokenizer_config.json",
            JsonNode.Parse(
                """{"bos_token": "<s>", "eos_token": {"content": "</s>"}, "add_bos_token": true, "chat_template": "{{ x }}", "added_tokens_decoder": {"265": {"content": "<|end|>", "special": false}, "266": {"content": "▁x", "special": false}}}""")!);
        using var model = Convert(folder, "f32");
        var tokenizer = Tokenizer.FromGguf(model);
        Assert.Equal(VocabularyFile.SentencePiece(s_pieces).Read().Encode("an a anna"), tokenizer.Encode("an a anna"));
        Assert.Equal([1, 2, 265], [tokenizer.BeginOfText, model.GetInteger("tokenizer.ggml.eos_token_id"), tokenizer.EndOfTurn]);
        Assert.Equal((" x", "[PAD269]"), (tokenizer.NameOf(266), tokenizer.NameOf(269)));
        Assert.Equal("{{ x }}", model.GetString("tokenizer.chat_template"));
        Assert.Equal(1, tokenizer.EncodeDocument("an")[0]);
    }

    [Fact]
    public void Qwen_2_keeps_its_rows_its_biases_and_its_vocabulary()
    {
        using var folder = new ModelFolder("Qwen2ForCausalLM", 368, config => config["tie_word_embeddings"] = true)
            .WithWeights(hasBiases: true, hasOutput: false);
        SampleTokenizer.Instance.Save(folder.File("tokenizer.json"));
        File.WriteAllText(folder.File("chat_template.jinja"), ChatFormat.JinjaTemplate);
        folder.Write("generation_config.json",
            JsonNode.Parse(
                """{"do_sample": true, "temperature": 0.7, "top_k": 20, "top_p": 0.8, "repetition_penalty": 1.05, "eos_token_id": [1, 2]}""")!);
        using var model = Convert(folder, "bf16");
        Assert.Equal((0.7f, 20, 0.8f, 1.05f),
            ((float)model.GetFloat("general.sampling.temp")!, (int)model.GetInteger("general.sampling.top_k")!,
                (float)model.GetFloat("general.sampling.top_p")!, (float)model.GetFloat("general.sampling.penalty_repeat")!));
        Assert.Equal(Enumerable.Range(0, 8), RowNumbers(model, "blk.0.attn_q.bias", 1));
        Assert.True(model.TryGetTensor("blk.0.attn_q.weight", out var query) && query.Type == GgufTensorType.BF16);
        Assert.False(model.TryGetTensor("output.weight", out _));
        var tokenizer = Tokenizer.FromGguf(model);
        Assert.Equal(SampleTokenizer.Instance.Encode(SampleTokenizer.Text), tokenizer.Encode(SampleTokenizer.Text));
        Assert.Equal(
            ("qwen2", ChatFormat.JinjaTemplate), (model.GetString("tokenizer.ggml.pre"), model.GetString("tokenizer.chat_template")));
        Assert.True(tokenizer.IsSpecial(367));
    }

    [Fact]
    public void Qwen_3_becomes_a_model_that_the_engine_knows()
    {
        using var folder = new ModelFolder("Qwen3ForCausalLM", 360, config => config["head_dim"] = 4).WithWeights(hasHeadNorms: true);
        SampleTokenizer.Instance.Save(folder.File("tokenizer.json"));
        using var model = Convert(folder, "f16");
        var config = WrittenShape.Read(model);
        Assert.Equal((360, 2, 1, 4, false),
            (config.VocabularySize, config.HeadCount, config.KeyValueHeadCount, config.HeadLength, config.TiedEmbeddings));
    }

    [Fact]
    public void Llama_3_divides_only_its_slow_frequencies()
    {
        using var folder = new ModelFolder("LlamaForCausalLM", 265, config => config["rope_scaling"] = JsonNode.Parse(
            """{"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}""")).WithWeights().WithSentencePiece(s_pieces);
        using var model = Convert(folder, "f32");
        Assert.True(model.TryGetTensor("rope_freqs.weight", out var tensor));
        // Wave lengths 2 pi and 2 pi * sqrt(50,000) = 1405: both shorter than 8192 / 4.
        Assert.Equal([1f, 1f], MemoryMarshal.Cast<byte, float>(model.Data(tensor)).ToArray());

        // With 4,000 positions the second lies between 1,000 and 4,000: smooth = (4000 / 1404.96 - 1) / 3 = 0.6157, 1 / (0.3843 / 8 +
        // 0.6157) = 1.5065.
        var config = new HuggingFaceConfig(Changed(folder, "original_max_position_embeddings", 4000));
        Assert.Equal(1.5065f, config.RopeFactors()![1], 0.001f);
        Assert.Equal(8f, new HuggingFaceConfig(Changed(folder, "original_max_position_embeddings", 1000)).RopeFactors()![1]);
    }

    [Fact]
    public void Byte_fallback_without_a_model_file_takes_the_order_of_the_merges()
    {
        using var folder = new ModelFolder("MistralForCausalLM", 300).WithWeights();
        var vocabulary = new JsonObject { ["<unk>"] = 0, ["<s>"] = 1, ["</s>"] = 2 };
        for (var value = 0; value < 256; value++)
        {
            vocabulary[$"<0x{value:X2}>"] = 3 + value;
        }

        foreach (var piece in (string[])["▁", "a", "n", "an", "▁a", "▁an"])
        {
            vocabulary[piece] = vocabulary.Count;
        }

        folder.Write("tokenizer.json", new JsonObject
        {
            ["added_tokens"] = JsonNode.Parse(
                """[{"id": 0, "content": "<unk>", "special": true}, {"id": 1, "content": "<s>", "special": true}, {"id": 2, "content": "</s>", "special": true}]"""),
            ["normalizer"] = JsonNode.Parse(
                """{"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]}"""),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["byte_fallback"] = true,
                ["unk_token"] = "<unk>",
                ["vocab"] = vocabulary,
                ["merges"] = new JsonArray("a n", "▁ a", "▁ an"),
            },
        });
        using var model = Convert(folder, "f32");
        var tokenizer = Tokenizer.FromGguf(model);
        // "an" joins before "▁a".
        Assert.Equal("▁an ▁a <0x62>", string.Join(' ', tokenizer.Encode("an ab").Select(tokenizer.NameOf)));
    }

    [Theory]
    [InlineData("(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| "
        + "?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+", "llama-bpe")]
    [InlineData("(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| "
        + "?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+", "qwen35")]
    [InlineData("[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+", "tekken")]
    public void Pre_tokenizer_is_known_by_its_expression(string pattern, string expected)
    {
        using var folder = QwenFolder(tokenizer => tokenizer["pre_tokenizer"]!["pretokenizers"]![0]!["pattern"]!["Regex"] = pattern);
        using var model = Convert(folder, "f32");
        Assert.Equal(expected, model.GetString("tokenizer.ggml.pre"));
    }

    [Theory]
    [InlineData("""{"type": "ByteLevel", "add_prefix_space": false, "use_regex": true}""", "gpt-2")]
    [InlineData("""{"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": true}, {"type": "ByteLevel", "use_regex": true}]}""", "smollm")]
    public void Pre_tokenizer_of_gpt_2_needs_no_expression(string json, string expected)
    {
        using var folder = QwenFolder(tokenizer => tokenizer["pre_tokenizer"] = JsonNode.Parse(json));
        using var model = Convert(folder, "f32");
        Assert.Equal(expected, model.GetString("tokenizer.ggml.pre"));
    }

    [Fact]
    public void Begin_is_added_as_the_template_of_the_tokenizer_says()
    {
        using var folder = QwenFolder(tokenizer => tokenizer["post_processor"] = JsonNode.Parse(
            """{"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<|im_start|>"}}, {"Sequence": {"id": "A"}}]}"""));
        folder.Write("tokenizer_config.json", JsonNode.Parse("""{"bos_token": "<|im_start|>", "eos_token": "<|im_end|>"}""")!);
        using var model = Convert(folder, "f32");
        Assert.Equal([true, null], [model.GetBool("tokenizer.ggml.add_bos_token"), model.GetBool("tokenizer.ggml.add_eos_token")]);
        Assert.Equal(SampleTokenizer.Instance.TryGetSpecial("<|im_start|>", out var start)
            ? start
            : -1, Tokenizer.FromGguf(model).EncodeDocument("a")[0]);
    }

    [Fact]
    public void Stretched_positions_keep_all_that_the_config_says_of_them()
    {
        using var folder = new ModelFolder("LlamaForCausalLM", 265, config => config["rope_scaling"] = JsonNode.Parse(
            """{"rope_type": "yarn", "factor": 4.0, "attention_factor": 1.5, "beta_fast": 16, "beta_slow": 2, "extrapolation_factor": 1}"""))
            .WithWeights().WithSentencePiece(s_pieces);
        using var model = Convert(folder, "f32");

        Assert.Equal(("yarn", 4, 64), (model.GetString("llama.rope.scaling.type"), model.GetFloat("llama.rope.scaling.factor"),
            model.GetInteger("llama.rope.scaling.original_context_length")));
        Assert.Equal([1.5, 16, 2, 1], new[] { "attn_factor", "beta_fast", "beta_slow", "ext_factor" }
            .Select(name => model.GetFloat($"llama.rope.scaling.yarn_{name}")!.Value));
    }

    [Theory]
    [InlineData("hidden_act", "\"gelu\"", "gelu")]
    [InlineData("partial_rotary_factor", "0.5", "part of each head")]
    public void What_the_metadata_cannot_say_is_refused(string key, string value, string said)
    {
        using var folder = new ModelFolder("LlamaForCausalLM", 265, config => config[key] = JsonNode.Parse(value))
            .WithWeights().WithSentencePiece(s_pieces);

        Assert.Contains(said, Assert.Throws<NoosException>(() => Convert(folder, "f32").Dispose()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Mistakes_are_explained()
    {
        Refused(ErrorKind.NotFound, "config.json", folder => File.Delete(folder.File("config.json")));
        Refused(ErrorKind.Invalid, "GemmaForCausalLM", folder => folder.Config["architectures"] = new JsonArray("GemmaForCausalLM"));
        Refused(ErrorKind.Invalid, "quantized already", folder => folder.Config["quantization_config"] = new JsonObject());
        Refused(ErrorKind.Damaged, "num_hidden_layers", folder => folder.Config.Remove("num_hidden_layers"));
        Refused(ErrorKind.Damaged, "impossible", folder => folder.Config["num_key_value_heads"] = -1);
        Refused(ErrorKind.Damaged, "blk", folder => folder.Config["num_hidden_layers"] = 2, "model.layers.1.input_layernorm.weight");
        Refused(ErrorKind.Damaged, "of size", folder => folder.Config["intermediate_size"] = 32);
        Refused(ErrorKind.Invalid, "longrope", folder =>
            folder.Config["rope_scaling"] = JsonNode.Parse("""{"type": "longrope", "factor": 2}"""));
        Refused(ErrorKind.NotFound, "tokenizer.json", folder => File.Delete(folder.File("tokenizer.json")));
        Refused(ErrorKind.Damaged, "no file of the folder", folder =>
            folder.Write("model.safetensors.index.json", JsonNode.Parse("""{"weight_map": {"x": "../model.safetensors"}}""")!));
        Refused(ErrorKind.NotFound, "model.safetensors", folder => File.Delete(folder.File("model.safetensors")));
        Refused(ErrorKind.Invalid, "rule that is not known", folder =>
            folder.Write("tokenizer.json",
                JsonNode.Parse(File.ReadAllText(folder.File("tokenizer.json")).Replace("p{N}", "p{Nd}", StringComparison.Ordinal))!));

        static void Refused(ErrorKind kind, string expected, Action<ModelFolder> spoil, string? also = null)
        {
            using var folder = QwenFolder(_ => { });
            spoil(folder);
            if (File.Exists(folder.File("config.json")))
            {
                folder.Write("config.json", folder.Config);
            }

            var output = folder.File("out.gguf");
            var exception = Assert.Throws<NoosException>(
                () => HuggingFaceConverter.Run(
                    folder.Path, output, QuantizationMix.Parse("f32"), 1, null, TestContext.Current.CancellationToken));
            Assert.Equal((kind, true), (exception.Kind, exception.Message.Contains(also ?? expected, StringComparison.Ordinal)));
            Assert.False(File.Exists(output));
        }
    }

    [Theory]
    [InlineData("tokenizer.model")]
    [InlineData("tokenizer.json")]
    [InlineData("config.json")]
    public void Damaged_files_are_refused_or_converted_and_never_crash(string name)
    {
        using var folder = new ModelFolder("Qwen2ForCausalLM", 300).WithWeights();
        if (name == "tokenizer.model")
        {
            folder.WithSentencePiece(s_pieces);
        }
        else
        {
            SampleTokenizer.Train(300).Save(folder.File("tokenizer.json"));
        }

        var whole = File.ReadAllBytes(folder.File(name));
        var random = new Random(3);
        for (var round = 0; round < 1_000; round++)
        {
            byte[] bytes = [.. whole];
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = random.Next(2) == 0 ? (byte)random.Next(256) : bytes[random.Next(bytes.Length)];
            }

            File.WriteAllBytes(folder.File(name), random.Next(10) == 0 ? bytes[..random.Next(bytes.Length)] : bytes);
            try
            {
                _ = new HuggingFaceConfig(JsonFile.Read(folder.File("config.json")));
                HuggingFaceVocabulary.Read(folder.Path, 300);
            }
            catch (NoosException exception)
            {
                Assert.NotEmpty(exception.Message);
            }
        }
    }

    static GgufFile Convert(ModelFolder folder, string mix)
    {
        var output = folder.File("out.gguf");
        HuggingFaceConverter.Run(folder.Path, output, QuantizationMix.Parse(mix), 2, null, TestContext.Current.CancellationToken);
        return GgufFile.Open(output);
    }

    static ModelFolder QwenFolder(Action<JsonObject> change)
    {
        var folder = new ModelFolder("Qwen2ForCausalLM", 360).WithWeights();
        var path = folder.File("tokenizer.json");
        SampleTokenizer.Instance.Save(path);
        var json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        change(json);
        folder.Write("tokenizer.json", json);
        return folder;
    }

    static JsonFile Changed(ModelFolder folder, string key, int value)
    {
        folder.Config["rope_scaling"]![key] = value;
        folder.Write("config.json", folder.Config);
        return JsonFile.Read(folder.File("config.json"));
    }

    /// <summary>Which row of the source each row is: their first values.</summary>
    static IEnumerable<int> RowNumbers(GgufFile model, string name, int columns)
    {
        Assert.True(model.TryGetTensor(name, out var tensor));
        return MemoryMarshal.Cast<byte, float>(model.Data(tensor)).ToArray().Chunk(columns).Select(row => (int)row[0]);
    }
}
