using System.Text.Json.Nodes;
using Noos.Core;
using Noos.Language.Architectures;
using Noos.Language.Gguf;
using Noos.Language.HuggingFace;
using Noos.Language.Models;
using Noos.Testing.RandomModels;

namespace Noos.Language.Tests.HuggingFace;

/// <summary>Families of decoders become files with the tensors, sizes and metadata that llama.cpp and our engine read.</summary>
public sealed class HuggingFaceFamiliesTests
{
    static readonly string[] s_pieces = ["▁a", "an", "▁an", "▁", "a", "n"];

    static readonly string[] s_before = ["input_layernorm", "post_attention_layernorm"];

    static readonly string[] s_behind = ["post_attention_layernorm", "post_feedforward_layernorm"];

    static readonly string[] s_four =
        ["input_layernorm", "post_self_attn_layernorm", "post_attention_layernorm", "post_mlp_layernorm"];

    /// <summary>The class at Hugging Face, its norms of a block, those of queries and keys, and the family in GGUF.</summary>
    public static TheoryData<string, string[], string[], string> Families => new()
    {
        { "SmolLM3ForCausalLM", s_before, [], "smollm3" },
        { "Olmo2ForCausalLM", s_behind, ["q_norm", "k_norm"], "olmo2" },
        { "Olmo3ForCausalLM", s_behind, ["q_norm", "k_norm"], "olmo2" },
        { "GraniteForCausalLM", s_before, [], "granite" },
        { "Glm4ForCausalLM", s_four, [], "glm4" },
        { "Ernie4_5ForCausalLM", s_before, [], "ernie4_5" },
        { "SeedOssForCausalLM", s_before, [], "seed_oss" },
        { "Exaone4ForCausalLM", s_behind, ["q_norm", "k_norm"], "exaone4" },
        { "HunYuanDenseV1ForCausalLM", s_before, ["query_layernorm", "key_layernorm"], "hunyuan-dense" },
        { "Ministral3ForCausalLM", s_before, [], "mistral3" },
    };

    [Theory]
    [MemberData(nameof(Families))]
    public void Tensors_are_those_that_the_family_has(string name, string[] norms, string[] headNorms, string architecture)
    {
        using var folder = Folder(name, norms, headNorms, architecture, _ => { });
        using var model = Convert(folder);

        Assert.Equal(architecture, DecoderConfig.Read(model).Architecture);
        var shape = new RandomModelShape
        {
            Architecture = architecture,
            EmbeddingLength = 8,
            BlockCount = 1,
            FeedForwardLength = 16,
            HeadCount = 2,
            KeyValueHeadCount = 1,
            HeadLength = 4,
            TiedEmbeddings = false,
            HasAttentionBiases = true,
        };
        Assert.Equal(
            RandomModelTensors.List(shape, 265).Select(Describe).Order(),
            model.Tensors.Select(tensor => Describe((tensor.Name, tensor.Dimensions))).Order());

        static string Describe((string Name, IReadOnlyList<long> Dimensions) tensor) =>
            $"{tensor.Name} {string.Join('x', tensor.Dimensions)}";
    }

    // Of a head's halves (0 1 | 2 3) the first values pair, then the second ones; others keep their rows.
    [Theory]
    [InlineData("SmolLM3ForCausalLM", "smollm3", true)]
    [InlineData("GraniteForCausalLM", "granite", true)]
    [InlineData("Ministral3ForCausalLM", "mistral3", true)]
    [InlineData("Ernie4_5ForCausalLM", "ernie4_5", false)]
    [InlineData("SeedOssForCausalLM", "seed_oss", false)]
    public void Rows_change_places_where_the_family_rotates_halves_and_gguf_pairs(string name, string architecture, bool arePaired)
    {
        using var folder = Folder(name, s_before, [], architecture, _ => { });
        using var model = Convert(folder);

        Assert.True(model.TryGetTensor("blk.0.attn_q.bias", out var bias));
        var rows = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(model.Data(bias)).ToArray();
        Assert.Equal(arePaired ? [0, 2, 1, 3, 4, 6, 5, 7] : Enumerable.Range(0, 8).Select(row => (float)row), rows);
    }

    [Fact]
    public void Granite_keeps_its_factors()
    {
        using var folder = Folder("GraniteForCausalLM", s_before, [], "granite", config =>
        {
            config["attention_multiplier"] = 0.0078125;
            config["embedding_multiplier"] = 12;
            config["residual_multiplier"] = 0.22;
            config["logits_scaling"] = 8;
        });
        using var model = Convert(folder);
        var config = DecoderConfig.Read(model);

        Assert.Equal((0.0078125f, 12f, 0.22f, 0.125f),
            (config.AttentionScale, config.EmbeddingScale, config.ResidualScale, config.LogitScale));
    }

    [Fact]
    public void Windows_of_three_in_four_blocks_are_written_as_a_list_and_others_are_refused()
    {
        void Olmo(JsonObject config)
        {
            config["sliding_window"] = 32;
            config["layer_types"] = new JsonArray("sliding_attention");
        }

        using var folder = Folder("Olmo3ForCausalLM", s_behind, ["q_norm", "k_norm"], "olmo2", Olmo);
        using var model = Convert(folder);
        var config = DecoderConfig.Read(model);
        Assert.Equal((32, true, true, false), (config.SlidingWindow, config.IsLocal(0), config.IsLocal(2), config.IsLocal(3)));
        Assert.True(model.Metadata.ContainsKey("olmo2.attention.sliding_window_pattern"));

        using var other = Folder("Olmo3ForCausalLM", s_behind, ["q_norm", "k_norm"], "olmo2", config =>
        {
            Olmo(config);
            config["layer_types"] = new JsonArray("full_attention");
        });
        Assert.Contains("three of four", Assert.Throws<NoosException>(() => Convert(other).Dispose()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Smollm_that_rotates_other_blocks_is_refused()
    {
        using var folder = Folder("SmolLM3ForCausalLM", s_before, [], "smollm3", config => config["no_rope_layers"] = new JsonArray(0));

        Assert.Contains("three of four", Assert.Throws<NoosException>(() => Convert(folder).Dispose()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Hunyuan_rotates_with_a_larger_base_for_longer_texts()
    {
        string[] norms = ["query_layernorm", "key_layernorm"];
        using var folder = Folder("HunYuanDenseV1ForCausalLM", s_before, norms, "hunyuan-dense", config =>
        {
            config["head_dim"] = 4;
            config["rope_theta"] = 10_000;
            config["rope_scaling"] = JsonNode.Parse("""{"type": "dynamic", "alpha": 1000.0, "factor": 1.0}""");
        });
        using var model = Convert(folder);
        var config = DecoderConfig.Read(model);

        // 10,000 * 1000 ^ (4 / 2)
        Assert.Equal((1e10f, 262_144, 1f), (config.Rotary.FrequencyBase, config.ContextLength, config.Rotary.Factor));
    }

    [Fact]
    public void Ministral_beside_images_gives_its_text_part()
    {
        using var folder = new ModelFolder("Mistral3ForConditionalGeneration", 265, config =>
        {
            config["rope_parameters"] = JsonNode.Parse(
                """
                {"rope_type": "yarn", "rope_theta": 1000000.0, "factor": 16.0, "original_max_position_embeddings": 32, "mscale": 1.0,
                 "mscale_all_dim": 1.0, "llama_4_scaling_beta": 0.1, "beta_fast": 32.0, "beta_slow": 1.0}
                """);
            var text = config.DeepClone();
            foreach (var (key, _) in config.ToArray())
            {
                if (key != "architectures")
                {
                    config.Remove(key);
                }
            }

            config["text_config"] = text;
        }).WithSentencePiece(s_pieces);
        folder.WithTensors(Tensors(s_before, [], isFused: false, "language_model.model.", "language_model.lm_head.weight"));
        using var model = Convert(folder);
        var config = DecoderConfig.Read(model);

        Assert.Equal(("mistral3", 0.1f, 32), (config.Architecture, config.TemperatureScale, config.TemperatureLength));
        // YaRN's own factor and its inverse.
        Assert.Equal(1, config.Rotary.Frequencies([]).Magnitude, 1e-6f);
        Assert.Equal((1f, 1f, 1.0693147f), (config.TemperatureAt(0), config.TemperatureAt(31), config.TemperatureAt(32)));
    }

    [Fact]
    public void Glm_rotates_half_of_each_head_and_sections_are_refused()
    {
        using var folder = Folder("Glm4ForCausalLM", s_four, [], "glm4", config => config["partial_rotary_factor"] = 0.5);
        using var model = Convert(folder);
        Assert.Equal((2, true), (DecoderConfig.Read(model).Rotary.Length, DecoderConfig.Read(model).Rotary.IsInterleaved));

        using var other = Folder("Glm4ForCausalLM", s_four, [], "glm4", config =>
            config["rope_scaling"] = JsonNode.Parse("""{"type": "default", "mrope_section": [1, 1]}"""));
        Assert.Contains("sections", Assert.Throws<NoosException>(() => Convert(other).Dispose()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lfm_has_convolutions_in_most_blocks_and_keeps_their_taps_in_32_bits()
    {
        using var folder = new ModelFolder("Lfm2ForCausalLM", 265, config =>
        {
            foreach (var (key, value) in JsonNode.Parse(
                """
                {"model_type": "lfm2", "num_hidden_layers": 2, "conv_L_cache": 3, "norm_eps": 1e-5, "block_ff_dim": 24,
                 "block_auto_adjust_ff_dim": true, "block_ffn_dim_multiplier": 1.0, "block_multiple_of": 4,
                 "layer_types": ["conv", "full_attention"], "tie_embedding": true}
                """)!.AsObject().ToArray())
            {
                config[key] = value!.DeepClone();
            }
        }).WithSentencePiece(s_pieces);
        folder.WithTensors(
        [
            ("model.embed_tokens.weight", 265, 8), ("model.embedding_norm.weight", 8, 0),
            .. Enumerable.Range(0, 2).SelectMany(block => new (string, long, long)[]
            {
                ($"model.layers.{block}.operator_norm.weight", 8, 0), ($"model.layers.{block}.ffn_norm.weight", 8, 0),
                ($"model.layers.{block}.feed_forward.w1.weight", 16, 8), ($"model.layers.{block}.feed_forward.w3.weight", 16, 8),
                ($"model.layers.{block}.feed_forward.w2.weight", 8, 16),
            }),
            ("model.layers.0.conv.in_proj.weight", 24, 8), ("model.layers.0.conv.conv.weight", 8, 3),
            ("model.layers.0.conv.out_proj.weight", 8, 8),
            ("model.layers.1.self_attn.q_proj.weight", 8, 8), ("model.layers.1.self_attn.k_proj.weight", 4, 8),
            ("model.layers.1.self_attn.v_proj.weight", 4, 8), ("model.layers.1.self_attn.out_proj.weight", 8, 8),
            ("model.layers.1.self_attn.q_layernorm.weight", 4, 0), ("model.layers.1.self_attn.k_layernorm.weight", 4, 0),
        ]);
        using var model = Convert(folder, "f16");
        var config = DecoderConfig.Read(model);

        Assert.Equal(
            ("lfm2", 3, 1, 16),
            (config.Architecture, config.ConvolutionLength, config.KeyValueHeadCount, config.FeedForwardLength));
        Assert.Equal([0], config.ConvolutionBlocks);
        Assert.True(model.TryGetTensor("blk.0.shortconv.conv.weight", out var taps) && taps.Type == GgufTensorType.F32);
        Assert.True(model.TryGetTensor("blk.0.shortconv.in_proj.weight", out var input) && input.Type == GgufTensorType.F16);
        Assert.Equal([3L, 8L], taps.Dimensions);
        Assert.Equal(21, model.Tensors.Count);
    }

    [Fact]
    public void Damaged_configs_of_all_families_are_refused_or_read_and_never_crash()
    {
        using var folder = new ModelFolder("LlamaForCausalLM", 265, config =>
        {
            config["sliding_window"] = 32;
            config["layer_types"] = new JsonArray("sliding_attention", "conv", 3);
            config["no_rope_layers"] = new JsonArray(1, "x");
            config["conv_L_cache"] = 3;
            config["norm_eps"] = 1e-5;
            config["logits_scaling"] = 8;
            config["head_dim"] = 4;
            config["rope_scaling"] = JsonNode.Parse("""{"type": "dynamic", "alpha": 1000.0, "mscale_all_dim": 1, "factor": 2}""");
        });
        var whole = File.ReadAllText(folder.File("config.json"));
        var random = new Random(5);
        foreach (var name in HuggingFaceDecoder.Known.Keys.Append("lfm2"))
        {
            for (var round = 0; round < 200; round++)
            {
                var text = whole.Replace("LlamaForCausalLM", name, StringComparison.Ordinal).ToCharArray();
                for (var change = random.Next(3); change > 0; change--)
                {
                    text[random.Next(text.Length)] = random.Next(2) == 0 ? (char)random.Next(32, 127) : text[random.Next(text.Length)];
                }

                File.WriteAllText(folder.File("config.json"), new string(text));
                try
                {
                    var file = JsonFile.Read(folder.File("config.json"));
                    IHuggingFaceShape shape = name == "lfm2" ? new LfmShape(file) : new HuggingFaceConfig(file);
                    shape.AddTo(new GgufWriter());
                    Assert.NotEmpty(shape.Tensors(_ => false).Take(100));
                }
                catch (NoosException exception)
                {
                    Assert.NotEmpty(exception.Message);
                }
            }
        }
    }

    static ModelFolder Folder(string name, string[] norms, string[] headNorms, string architecture, Action<JsonObject> change)
    {
        var folder = new ModelFolder(name, 265, change).WithSentencePiece(s_pieces);
        folder.WithTensors(
            Tensors(norms, headNorms, architecture == "glm4", areTogether: architecture == "olmo2"));
        return folder;
    }

    static IEnumerable<(string Name, long Rows, long Columns)> Tensors(
        string[] norms, string[] headNorms, bool isFused, string root = "model.", string output = "lm_head.weight",
        bool areTogether = false)
    {
        yield return ($"{root}embed_tokens.weight", 265, 8);
        yield return ($"{root}norm.weight", 8, 0);
        yield return (output, 265, 8);
        var layer = $"{root}layers.0.";
        foreach (var norm in norms)
        {
            yield return ($"{layer}{norm}.weight", 8, 0);
        }

        foreach (var (norm, index) in headNorms.Select((norm, index) => (norm, index)))
        {
            yield return ($"{layer}self_attn.{norm}.weight", areTogether && index == 0 ? 8 : 4, 0);
        }

        foreach (var (name, rows) in (IEnumerable<(string, long)>)[("q_proj", 8), ("k_proj", 4), ("v_proj", 4)])
        {
            yield return ($"{layer}self_attn.{name}.weight", rows, 8);
            yield return ($"{layer}self_attn.{name}.bias", rows, 0);
        }

        yield return ($"{layer}self_attn.o_proj.weight", 8, 8);
        foreach (var (name, rows) in (IEnumerable<(string, long)>)(isFused ? [("gate_up_proj", 32)] : [("gate_proj", 16), ("up_proj", 16)]))
        {
            yield return ($"{layer}mlp.{name}.weight", rows, 8);
        }

        yield return ($"{layer}mlp.down_proj.weight", 8, 16);
    }

    static GgufFile Convert(ModelFolder folder, string mix = "f32")
    {
        var output = folder.File("out.gguf");
        HuggingFaceConverter.Run(folder.Path, output, QuantizationMix.Parse(mix), 1, null, TestContext.Current.CancellationToken);
        return GgufFile.Open(output);
    }
}
