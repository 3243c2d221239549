using System.Buffers.Binary;
using Noos.Core;
using Noos.Inference.Adapters;
using Noos.Inference.Tests.Support;
using Noos.Language.Gguf;
using Noos.Testing.RandomModels;

namespace Noos.Inference.Tests.Adapters;

/// <summary>Adapters beside the weights: what they change, what they must not change, and which files are refused.</summary>
public sealed class LoraAdapterTests : IDisposable
{
    static readonly int[] s_tokens = [.. Enumerable.Range(0, 70).Select(i => (i * 37 % 400) + 40)];

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("noos-lora-");

    string Place(string name) => Path.Combine(_folder.FullName, name);

    string Model(string shape, Func<RandomModelShape, RandomModelShape>? change = null)
    {
        var path = Place($"{shape}.gguf");
        var small = RandomModelShape.Known[shape] with
        {
            BlockCount = 2,
            EmbeddingLength = 64,
            FeedForwardLength = 96,
            ExpertFeedForwardLength = RandomModelShape.Known[shape].ExpertCount > 0 ? 64 : 0,
            HeadLength = 32,
            VocabularySize = 600,
            ContextLength = 128,
            // Granite's divides everything, and so what an adapter changes.
            Extra = RandomModelShape.Known[shape].Extra.Where(pair => pair.Key != "logit_scale").ToDictionary(),
        };
        RandomModelFile.Write(path, change?.Invoke(small) ?? small, GgufTensorType.F32);
        return path;
    }

    string Adapter(string model, int rank = 5, int seed = 1, GgufTensorType type = GgufTensorType.F32, Predicate<string>? changes = null)
    {
        var path = Place($"adapter-{seed}-{rank}-{type}.gguf");
        RandomAdapterFile.Write(path, model, rank, alpha: 10, type, seed, changes);
        return path;
    }

    static LanguageModel Load(string path, int threads = 2, int chunk = 32) =>
        LanguageModel.Load(path, TestOptions.Default with { Threads = threads, PromptChunk = chunk });

    static float[] Logits(LanguageModel model, params AdapterScale[] adapters)
    {
        using var context = model.CreateContext(adapters: adapters);
        return context.Append(s_tokens).ToArray();
    }

    [Theory]
    [InlineData("tiny-llama")]
    [InlineData("tiny-llama-biased")]
    [InlineData("tiny-qwen3")]
    [InlineData("tiny-gemma3")]
    [InlineData("tiny-phi3")]
    [InlineData("tiny-qwen3moe")]
    [InlineData("tiny-smollm3")]
    [InlineData("tiny-olmo2")]
    [InlineData("tiny-granite")]
    [InlineData("tiny-granitemoe")]
    [InlineData("tiny-glm4")]
    [InlineData("tiny-exaone4")]
    [InlineData("tiny-hunyuan-dense")]
    [InlineData("tiny-mistral3")]
    [InlineData("tiny-gemma2")]
    [InlineData("tiny-lfm2")]
    public void Adapter_gives_what_a_model_with_merged_weights_gives(string shape)
    {
        var path = Model(shape);
        var adapterPath = Adapter(path);
        var merged = Merge(path, adapterPath, 0.75f * 10 / 5);
        using var model = Load(path);
        using var mergedModel = Load(merged);
        var adapter = model.LoadAdapter(adapterPath);

        var expected = Logits(mergedModel);
        var plain = Logits(model);
        var adapted = Logits(model, new AdapterScale(adapter, 0.75f));

        Assert.True(adapter.MatrixCount > 0);
        var change = expected.Zip(plain, (a, b) => Math.Abs(a - b)).Max();
        var difference = expected.Zip(adapted, (a, b) => Math.Abs(a - b)).Max();
        Assert.True(change > 0.3, $"The adapter changes logits by {change} only.");
        Assert.True(difference < 2e-3 * Math.Max(1, change), $"The merged model differs by {difference}, of a change of {change}.");
    }

    [Fact]
    public void Several_adapters_add_up_and_a_scale_of_zero_is_none()
    {
        var path = Model("tiny-qwen3");
        using var model = Load(path);
        var one = model.LoadAdapter(Adapter(path, seed: 1));
        var two = model.LoadAdapter(Adapter(path, seed: 2, rank: 3, type: GgufTensorType.F16));
        using var mergedModel = Load(Merge(Merge(path, one.Path, 2), two.Path, -10 / 3f));

        var both = Logits(model, new AdapterScale(one, 1), new AdapterScale(two, -1));

        Assert.True(both.Zip(Logits(mergedModel), (a, b) => Math.Abs(a - b)).Max() < 5e-3);
        Assert.Equal(Logits(model), Logits(model, new AdapterScale(one, 0)));
    }

    [Fact]
    public void Adapted_conversations_share_pages_only_with_those_of_the_same_adapters()
    {
        var path = Model("tiny-qwen3");
        var adapterPath = Adapter(path);
        using var model = Load(path);
        var adapter = model.LoadAdapter(adapterPath);
        using var plain = model.CreateContext();
        plain.Append(s_tokens);
        using var adapted = model.CreateContext(adapters: [new AdapterScale(adapter, 1)]);
        adapted.Append(s_tokens);
        using var weaker = model.CreateContext(adapters: [new AdapterScale(adapter, 0.5f)]);
        weaker.Append(s_tokens);
        using var again = model.CreateContext(adapters: [new AdapterScale(adapter, 1)]);
        again.Append(s_tokens);

        Assert.Equal([0L, 0L, 0L, 64L], new[] { plain, adapted, weaker, again }.Select(context => context.AdoptedTokens));
        Assert.Equal([], plain.Adapters);
        Assert.Equal([new AdapterScale(adapter, 1)], again.Adapters);
    }

    [Theory]
    [InlineData("tiny-qwen3")]
    [InlineData("tiny-qwen3moe")]
    public async Task Conversations_with_different_adapters_in_one_batch_never_change_a_bit(string shape)
    {
        var path = Model(shape);
        string[] adapterPaths = [Adapter(path, seed: 1), Adapter(path, seed: 2, rank: 2)];
        (float First, float Second)[] scales = [(0, 0), (1, 0), (0, 1), (1, -0.5f), (0.3f, 0), (0, 0)];
        var expected = new List<float[]>();
        foreach (var (first, second) in scales)
        {
            using var alone = Load(path, threads: 1, chunk: 64);
            var adapters = adapterPaths.Select(alone.LoadAdapter).ToArray();
            expected.Add(Logits(alone, new AdapterScale(adapters[0], first), new AdapterScale(adapters[1], second)));
        }

        using (var untouched = Load(path))
        {
            Assert.Equal(Logits(untouched), expected[0]);
        }

        using var model = Load(path, threads: 2, chunk: 13);
        var loaded = adapterPaths.Select(model.LoadAdapter).ToArray();
        await Task.WhenAll(scales.Select((scale, i) => Task.Run(
            () =>
            {
                var random = new Random(i);
                for (var round = 0; round < 4; round++)
                {
                    using var context = model.CreateContext(
                        adapters: [new AdapterScale(loaded[0], scale.First), new AdapterScale(loaded[1], scale.Second)]);
                    var logits = Array.Empty<float>();
                    while (context.Length < s_tokens.Length)
                    {
                        logits = context.Append(s_tokens.AsSpan(context.Length, random.Next(1, s_tokens.Length - context.Length + 1)))
                            .ToArray();
                    }

                    Assert.Equal(expected[i], logits);
                }
            },
            TestContext.Current.CancellationToken)));
    }

    [Fact]
    public void Bad_adapters_are_refused_in_one_sentence()
    {
        var path = Model("tiny-qwen3");
        using var model = Load(path);

        Refuse("is no adapter", writer => Header(writer, type: "model"));
        Refuse("'qwen2'", writer => Header(writer, architecture: "qwen2"));
        Refuse("'control_vector'", writer => Header(writer, kind: "control_vector"));
        Refuse("holds no weights", writer => Header(writer));
        Refuse("without 'blk.0.attn_q.weight.lora_b'", writer => Tensor(Header(writer), "blk.0.attn_q.weight.lora_a", 64, 4));
        Refuse("'blk.0.attn_z.weight'", writer => Pair(Header(writer), "blk.0.attn_z.weight", 64, 4, 128));
        Refuse("no part of a LoRA adapter", writer => Tensor(Header(writer), "blk.0.attn_q.weight", 64, 4));
        Refuse("has the sizes 63 x 4", writer => Pair(Header(writer), "blk.0.attn_q.weight", 63, 4, 128));
        Refuse("has the sizes 64 x 4", writer =>
            Tensor(Tensor(Header(writer), "blk.0.attn_q.weight.lora_a", 64, 4), "blk.0.attn_q.weight.lora_b", 5, 128));
        Refuse("vectors of the tokens", writer => Pair(Header(writer), "token_embd.weight", 64, 4, 600));

        void Refuse(string reason, Action<GgufWriter> write)
        {
            var writer = new GgufWriter();
            write(writer);
            var bad = Place("bad.gguf");
            writer.WriteTo(bad);
            var refusal = Assert.Throws<NoosException>(() => model.LoadAdapter(bad));
            Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
            Assert.Contains(bad, refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Adapter_of_another_model_and_impossible_scales_are_refused()
    {
        var path = Model("tiny-qwen3");
        using var model = Load(path);
        using var other = Load(path);
        var adapter = model.LoadAdapter(Adapter(path));

        Assert.Throws<NoosException>(() => other.CreateContext(adapters: [new AdapterScale(adapter, 1)]));
        Assert.Throws<NoosException>(() => model.CreateContext(adapters: [new AdapterScale(adapter, float.NaN)]));
        Assert.Throws<NoosException>(() => model.CreateContext(adapters: [new AdapterScale(adapter, 1e9f)]));
        Assert.Throws<NoosException>(() => model.LoadAdapter(path));
    }

    [Fact]
    public void Damaged_adapters_are_refused_clearly_or_work()
    {
        const int Mutations = 10_000;
        var path = Model("tiny-qwen3", shape =>
            shape with
            {
                BlockCount = 1,
                EmbeddingLength = 32,
                HeadCount = 2,
                KeyValueHeadCount = 1,
                HeadLength = 16,
                FeedForwardLength = 32
            });
        var whole = File.ReadAllBytes(Adapter(path, rank: 2, changes: name => name.Contains("attn", StringComparison.Ordinal)));
        long[] hostile = [0, 1, -1, 2, 31, 1 << 20, int.MaxValue, uint.MaxValue, 1L << 40, long.MaxValue, long.MinValue];
        var random = new Random(20_262);
        var damaged = Place("damaged.gguf");
        var headerLength = HeaderLength();
        var works = 0;
        for (var round = 0; round < Mutations / 500; round++)
        {
            // What was loaded lives as long as the model.
            using var model = Load(path, threads: 1);
            for (var i = 0; i < 500; i++)
            {
                File.WriteAllBytes(damaged, Damage());
                try
                {
                    var adapter = model.LoadAdapter(damaged);
                    if (i % 10 == 0)
                    {
                        using var context = model.CreateContext(4, [new AdapterScale(adapter, 1)]);
                        context.Append([50, 60]);
                    }

                    works++;
                }
                catch (NoosException e)
                {
                    Assert.Contains("damaged.gguf", e.Message, StringComparison.Ordinal);
                }
            }
        }

        Assert.InRange(works, Mutations / 100, Mutations * 99 / 100);

        int HeaderLength()
        {
            File.WriteAllBytes(damaged, whole);
            using var file = GgufFile.Open(damaged);
            return whole.Length - (int)file.Tensors.Max(tensor => tensor.Offset + tensor.ByteLength);
        }

        byte[] Damage()
        {
            byte[] bytes = [.. whole];
            switch (random.Next(4))
            {
                case 0:
                    return bytes[..random.Next(bytes.Length)];
                case 1:
                    for (var flips = random.Next(1, 4); flips > 0; flips--)
                    {
                        bytes[random.Next(headerLength)] ^= (byte)(1 << random.Next(8));
                    }

                    return bytes;
                case 2:
                    BinaryPrimitives.WriteInt64LittleEndian(
                        bytes.AsSpan(random.Next(headerLength - 8)), hostile[random.Next(hostile.Length)]);
                    return bytes;
                default:
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                    return bytes;
            }
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    static GgufWriter Header(GgufWriter writer, string type = "adapter", string architecture = "qwen3", string kind = "lora")
    {
        writer.Add("general.architecture", architecture);
        writer.Add("general.type", type);
        writer.Add("adapter.type", kind);
        writer.Add("adapter.lora.alpha", 8f);
        return writer;
    }

    static GgufWriter Pair(GgufWriter writer, string name, long columns, long rank, long rows) =>
        Tensor(Tensor(writer, name + ".lora_a", columns, rank), name + ".lora_b", rank, rows);

    static GgufWriter Tensor(GgufWriter writer, string name, long columns, long rows)
    {
        writer.AddTensor(name, GgufTensorType.F32, [columns, rows], new byte[columns * rows * sizeof(float)]);
        return writer;
    }

    /// <summary>A copy of a model with F32 weights to whose matrices factor * B A is added.</summary>
    string Merge(string path, string adapterPath, float factor)
    {
        using var model = GgufFile.Open(path);
        using var adapter = GgufFile.Open(adapterPath);
        var writer = new GgufWriter();
        foreach (var (key, value) in model.Metadata)
        {
            writer.Add(key, value);
        }

        foreach (var tensor in model.Tensors)
        {
            var values = Values(model, tensor);
            if (adapter.TryGetTensor(tensor.Name + ".lora_a", out var inner)
                && adapter.TryGetTensor(tensor.Name + ".lora_b", out var outer))
            {
                var (a, b) = (Values(adapter, inner), Values(adapter, outer));
                var (columns, rows, rank) = ((int)tensor.Dimensions[0], (int)tensor.Dimensions[1], (int)inner.Dimensions[1]);
                for (var i = 0; i < values.Length; i++)
                {
                    var (allRows, column) = Math.DivRem(i, columns);
                    var (expert, row) = Math.DivRem(allRows, rows);
                    var sum = 0d;
                    for (var k = 0; k < rank; k++)
                    {
                        sum += (double)b[(((expert * rows) + row) * rank) + k] * a[(((expert * rank) + k) * columns) + column];
                    }

                    values[i] += (float)(factor * sum);
                }
            }

            writer.AddTensor(
                tensor.Name, GgufTensorType.F32, tensor.Dimensions, System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()));
        }

        var merged = path + ".merged";
        writer.WriteTo(merged);
        return merged;
    }

    static float[] Values(GgufFile file, GgufTensor tensor)
    {
        var values = new float[tensor.Count];
        Quantization.Dequantize(tensor.Type, file.Data(tensor), values);
        return values;
    }
}
