using Noos.Core;
using Noos.Corpus.Shards;

namespace Noos.Factory.Recipes;

/// <summary>Where the results of a recipe lie: one folder, one name for each result.</summary>
/// <param name="Root">Full path of the folder.</param>
/// <param name="Name">Name of the recipe, which names the models.</param>
public sealed record RecipeFolder(string Root, string Name)
{
    public string Tokenizer => Path.Combine(Root, "tokenizer.json");

    public string Shards => Path.Combine(Root, "shards");

    /// <summary>Checkpoints, metrics and report of the pretraining run.</summary>
    public string Pretraining => Path.Combine(Root, "pretrain");

    /// <summary>Checkpoints, metrics and report of the mid-training run.</summary>
    public string MidTraining => Path.Combine(Root, "midtrain");

    /// <summary>The run that ends with the base model of a recipe.</summary>
    public string BaseRun(Recipe recipe) => recipe.MidTrain is null ? Pretraining : MidTraining;

    /// <summary>Conversations to fine-tune on, as JSON lines.</summary>
    public string Lessons => Path.Combine(Root, "lessons.jsonl");

    /// <summary>Checkpoints, metrics and report of the fine-tuning run.</summary>
    public string FineTuning => Path.Combine(Root, "sft");

    public string Models => Path.Combine(Root, "models");

    /// <summary>The exported base model.</summary>
    public string BaseModel => BaseModelIn(Models);

    /// <summary>The exported assistant.</summary>
    public string Assistant => AssistantIn(Models);

    public string BaseModelIn(string folder) => Path.Combine(folder, Name + "-base.gguf");

    public string AssistantIn(string folder) => Path.Combine(folder, Name + ".gguf");

    /// <summary>The vocabulary that the recipe's tokenizer stage made.</summary>
    /// <exception cref="NoosException">There is none yet, or it is damaged.</exception>
    public Language.Tokenization.Tokenizer LoadTokenizer()
    {
        Require(Tokenizer, "vocabulary", "tokenizer");
        return Language.Tokenization.Tokenizer.Load(Tokenizer);
    }

    /// <summary>Says which stage must run first when a file that it makes is missing.</summary>
    /// <exception cref="NoosException">The file is missing (<see cref="ErrorKind.NotFound"/>).</exception>
    public void Require(string path, string what, string stage)
    {
        if (!File.Exists(path))
        {
            throw new NoosException(
                ErrorKind.NotFound,
                $"There is no {what} for {Name} in '{Root}' yet; make it with 'noos {stage} RECIPE --data FOLDER', or everything with "
                + "'noos make'.");
        }
    }

    public string TrainShard(string source) => ShardBuilder.TrainPath(Shards, source);

    public string HeldOutShard(string source) => ShardBuilder.HeldOutPath(Shards, source);
}
