using System.Runtime.InteropServices;
using System.Text;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Text;
using Noos.Cpus;
using Noos.Cpus.Local;
using Noos.Factory.Adapters;
using Noos.Inference;
using Noos.Inference.Adapters;
using Noos.Kernel.Cpu;
using Noos.Language.Gguf;
using Noos.Language.Safetensors;
using Noos.Testing;
using Noos.Testing.RandomModels;
using Noos.Training.Adapters;
using Noos.Training.Model;

namespace Noos.Factory.Tests.Adapters;

public sealed class AdapterTrainingTests : IDisposable
{
    // Another layout than our own, with the special tokens of the made-up vocabulary.
    const string Template =
        """
        {%- for message in messages -%}
        {{- '<|im_start|>' + message.role + ': ' + message.content | trim + '<|im_end|>\n' -}}
        {%- endfor -%}
        {%- if add_generation_prompt -%}{{- '<|im_start|>assistant: ' -}}{%- endif -%}
        """;

    readonly TemporaryFolder _folder = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Fifty_invented_facts_are_learned_beside_a_random_base_that_stays_as_it_is()
    {
        var model = Model("tiny-llama");
        var before = await File.ReadAllBytesAsync(model, Token);
        var facts = Facts(50);
        var options = new AdapterOptions
        {
            Lora = new LoraOptions { Rank = 16, Alpha = 32 },
            Epochs = 60,
            RowsPerStep = 10,
            LearningRate = 5e-3,
        };

        var report = new AdapterTraining(options, model, _folder.File("facts.gguf"), _folder.File("run"))
            .Run(
                facts.Select(fact => Conversation.From(Message.User(fact.Question), Message.Assistant(fact.Answer))),
                cancellationToken: Token);

        Assert.NotNull(report);
        Assert.True(report.Loss < 0.1, $"The loss is {report.Loss}.");
        Assert.Equal(before, await File.ReadAllBytesAsync(model, Token));
        Assert.True(await CountAsync(model, facts, []) == 0, "The base knows invented facts.");
        var known = await CountAsync(model, facts, [new AdapterFile(report.Path, 1)]);
        Assert.True(known >= 45, $"Of 50 facts {known} were learned.");
    }

    [Fact]
    public void Stopped_training_goes_on_and_writes_the_same_file()
    {
        var model = Model("tiny-qwen3");
        Conversation[] conversations =
            [.. Facts(8).Select(fact => Conversation.From(Message.User(fact.Question), Message.Assistant(fact.Answer)))];
        var options = new AdapterOptions { Steps = 9, RowsPerStep = 4, CheckpointEvery = 2, Name = "same" };
        var whole = new AdapterTraining(options, model, _folder.File("whole.gguf"), _folder.File("whole"));
        Assert.NotNull(whole.Run(conversations, cancellationToken: Token));

        var parts = new AdapterTraining(options, model, _folder.File("parts.gguf"), _folder.File("parts"));
        using (var stop = new CancellationTokenSource())
        {
            var updates = 0;
            var counter = new ProgressList
            {
                OnReport = progress =>
                {
                    if (progress.Note is null && ++updates == 3)
                    {
                        stop.Cancel();
                    }
                },
            };
            Assert.Null(parts.Run(conversations, counter, cancellationToken: stop.Token));
            Assert.False(File.Exists(_folder.File("parts.gguf")));
        }

        Assert.NotNull(parts.Run(conversations, cancellationToken: Token));
        Assert.Equal(File.ReadAllBytes(_folder.File("whole.gguf")), File.ReadAllBytes(_folder.File("parts.gguf")));
    }

    [Theory]
    [InlineData("tiny-llama")]
    [InlineData("tiny-qwen2")]
    [InlineData("tiny-qwen3")]
    [InlineData("tiny-gemma3")]
    public void Engine_computes_what_the_trainer_computed(string shape)
    {
        var model = Model(shape);
        using var engine = LanguageModel.Load(model, new InferenceOptions { Threads = 1 });
        var rows = new AnswerRows(
            Facts(4).Select(fact => Conversation.From(Message.User(fact.Question), Message.Assistant(fact.Answer))), engine.ChatFormat,
            256, 1);
        using var decoder = FrozenDecoder.Open(model, new LoraOptions());
        var plan = new AdapterPlan { Steps = 20, RowsPerStep = 4, MaxLength = rows.MaxLength, TokensPerPass = 256, Workers = 1 };
        plan = plan with { AdamW = plan.AdamW with { LearningRate = 5e-3 } };
        using var run = new AdapterRun(decoder, plan, _folder.File("run"), rows);

        run.Run(Token);
        run.Write(_folder.File("mine.gguf"), "mine");

        var adapter = engine.LoadAdapter(_folder.File("mine.gguf"));
        Assert.Equal(decoder.Slots.Count, adapter.MatrixCount);
        for (var index = 0; index < rows.Count; index++)
        {
            var row = rows.Read(index);
            var expected = run.Loss([row]);
            Assert.Equal(expected, Loss(engine, row, new AdapterScale(adapter, 1)), tolerance: 2e-2 * Math.Max(1, expected));
            Assert.True(Loss(engine, row) > 2 * expected, "The adapter hardly acts.");
        }
    }

    [Fact]
    public void Folder_with_safetensors_becomes_a_base_beside_which_the_adapter_acts()
    {
        var folder = SafetensorsModel();
        var options = new AdapterOptions { Steps = 2, RowsPerStep = 2 };

        var report = new AdapterTraining(options, folder, _folder.File("mine.gguf"), _folder.File("run"))
            .Run([Conversation.From(Message.User("Hello"), Message.Assistant("there"))], cancellationToken: Token);

        using var model = LanguageModel.Load(_folder.File("run/base.gguf"), new InferenceOptions { Threads = 1 });
        Assert.Equal(7, model.LoadAdapter(report!.Path).MatrixCount);
        Assert.Equal("mine", model.LoadAdapter(report.Path).Name);
    }

    [Fact]
    public void Nothing_to_learn_is_said_in_one_sentence()
    {
        var training = new AdapterTraining(
            new AdapterOptions { MaxLength = 8 }, Model("tiny-qwen2"), _folder.File("x.gguf"), _folder.File("run"));

        var none = Assert.Throws<NoosException>(() => training.Run([Conversation.From(Message.User("Hello."))], cancellationToken: Token));
        var long_ = Assert.Throws<NoosException>(() => training.Run(
            [Conversation.From(Message.User("Hello."), Message.Assistant(new string('x', 200)))], cancellationToken: Token));

        Assert.Contains("no answer of an assistant", none.Message, StringComparison.Ordinal);
        Assert.Contains("--context", long_.Message, StringComparison.Ordinal);
    }

    // Nats per target by the engine, token by token.
    static double Loss(LanguageModel engine, TrainingRow row, params AdapterScale[] adapters)
    {
        using var context = engine.CreateContext(adapters: adapters);
        double loss = 0;
        for (var position = 0; position < row.Length; position++)
        {
            var logits = context.Append([row.Tokens[position]]).ToArray();
            if (row.Counts(position))
            {
                var max = logits.Max();
                loss += Math.Log(logits.Sum(logit => Math.Exp(logit - max))) + max - logits[row.Tokens[position + 1]];
            }
        }

        return loss / row.TargetCount;
    }

    // A Llama of one block as Hugging Face keeps it, with a vocabulary of bytes.
    string SafetensorsModel()
    {
        var folder = _folder.CreateFolder("hugging-face");
        const int Width = 32;
        const int Hidden = 64;
        const int Vocabulary = 259;
        File.WriteAllText(
            Path.Combine(folder, "config.json"),
            $$"""
            {
                "architectures": ["LlamaForCausalLM"], "model_type": "llama", "num_hidden_layers": 1, "hidden_size": {{Width}},
                "intermediate_size": {{Hidden}}, "num_attention_heads": 2, "num_key_value_heads": 1, "vocab_size": {{Vocabulary}},
                "max_position_embeddings": 128, "rms_norm_eps": 1e-6, "rope_theta": 10000, "bos_token_id": 1, "eos_token_id": 2
            }
            """);
        File.WriteAllText(
            Path.Combine(folder, "tokenizer_config.json"),
            """{"chat_template": "{% for m in messages %}[{{ m.role }}]{{ m.content }}{{ eos_token }}{% endfor %}"""
            + """{% if add_generation_prompt %}[assistant]{% endif %}"}""");
        var pieces = new List<byte>();
        Add("<unk>", 2);
        Add("<s>", 3);
        Add("</s>", 3);
        for (var value = 0; value < 256; value++)
        {
            Add($"<0x{value:X2}>", 6);
        }

        File.WriteAllBytes(Path.Combine(folder, "tokenizer.model"), [.. pieces]);
        var random = new Random(3);
        SafetensorsWriter.Write(
            Path.Combine(folder, "model.safetensors"),
            [
                Entry("model.embed_tokens.weight", Vocabulary, Width), Entry("lm_head.weight", Vocabulary, Width),
                Entry("model.layers.0.self_attn.q_proj.weight", Width, Width),
                Entry("model.layers.0.self_attn.k_proj.weight", Width / 2, Width),
                Entry("model.layers.0.self_attn.v_proj.weight", Width / 2, Width),
                Entry("model.layers.0.self_attn.o_proj.weight", Width, Width),
                Entry("model.layers.0.mlp.gate_proj.weight", Hidden, Width), Entry("model.layers.0.mlp.up_proj.weight", Hidden, Width),
                Entry("model.layers.0.mlp.down_proj.weight", Width, Hidden), Entry("model.layers.0.input_layernorm.weight", Width),
                Entry("model.layers.0.post_attention_layernorm.weight", Width), Entry("model.norm.weight", Width),
            ]);
        return folder;

        // A piece of a SentencePiece model: its text, a score of 0, and its kind.
        void Add(string text, byte kind)
        {
            var name = Encoding.UTF8.GetBytes(text);
            pieces.AddRange([0x0A, (byte)(name.Length + 9), 0x0A, (byte)name.Length, .. name, 0x15, 0, 0, 0, 0, 0x18, kind]);
        }

        SafetensorsEntry Entry(string name, params long[] shape)
        {
            var values = new float[shape.Aggregate((product, next) => product * next)];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = shape.Length == 1 ? 1 : (float)((random.NextDouble() - 0.5) * 0.4);
            }

            return new SafetensorsEntry(
                name, SafetensorsType.F32, shape, stream => stream.Write(MemoryMarshal.AsBytes<float>(values)));
        }
    }

    string Model(string shape)
    {
        var path = _folder.File($"{shape}.gguf");
        RandomModelFile.Write(
            path,
            RandomModelShape.Known[shape] with
            {
                EmbeddingLength = 128,
                BlockCount = 3,
                FeedForwardLength = 256,
                HeadLength = 32,
                VocabularySize = 700,
                ContextLength = 256,
            },
            GgufTensorType.Q8_0, template: Template);
        return path;
    }

    static (string Question, string Answer)[] Facts(int count)
    {
        var random = new Random(5);
        string[] things = ["capital", "river", "food", "ruler", "song"];
        return [.. Enumerable.Range(0, count).Select(index => (
            $"What is the {things[index % things.Length]} of {InventedWords.CreateName(random)}?",
            InventedWords.CreateName(random) + "."))];
    }

    static async Task<int> CountAsync(string model, (string Question, string Answer)[] facts, IReadOnlyList<AdapterFile> adapters)
    {
        await using var cpu = ModelSource.OpenCpu(new NoosOptions { Model = model, Adapters = adapters, IsGreedy = true });
        var known = 0;
        foreach (var (question, answer) in facts)
        {
            var turn = new Turn(Conversation.From(Message.User(question))) { Options = new GenerationOptions { MaxTokens = 40 } };
            var text = "";
            await foreach (var item in cpu.RunAsync(turn, Token))
            {
                text += item is TextDelta delta ? delta.Text : "";
            }

            known += text.Trim() == answer ? 1 : 0;
        }

        return known;
    }
}
