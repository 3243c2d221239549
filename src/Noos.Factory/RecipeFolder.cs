using Noos.Core;
using Noos.Core.Storage;
using Noos.Corpus.Shards;
using Noos.Language.Tokenization;

namespace Noos.Factory;

/// <summary>Where the results of a recipe lie: one folder, one name for each result.</summary>
public sealed record RecipeFolder(string Root, string Name)
{
    public string Tokenizer => Path.Combine(Root, "tokenizer.json");

    public string Shards => Path.Combine(Root, "shards");

    /// <summary>Checkpoints, metrics and report of the pretraining run.</summary>
    public string Pretraining => Path.Combine(Root, "pretrain");

    /// <summary>Conversations to fine-tune on, as JSON lines.</summary>
    public string Lessons => Path.Combine(Root, "lessons.jsonl");

    /// <summary>Checkpoints, metrics and report of the fine-tuning run.</summary>
    public string FineTuning => Path.Combine(Root, "sft");

    /// <summary>The exported base model.</summary>
    public string BaseModel => Path.Combine(Root, "models", Name + "-base.gguf");

    /// <summary>The exported assistant.</summary>
    public string Assistant => Path.Combine(Root, "models", Name + ".gguf");

    /// <summary>The user's data folder unless told otherwise: a run of many hours outlives a clone.</summary>
    public static RecipeFolder For(Recipe recipe, string? chosen) => new(Path.GetFullPath(chosen ?? Path.Combine(UserData.FromEnvironment().Folder, "runs", recipe.Name)), recipe.Name);

    /// <summary>The vocabulary that the recipe's tokenizer stage made.</summary>
    /// <exception cref="NoosException">There is none yet, or it is damaged.</exception>
    public Tokenizer LoadTokenizer()
    {
        Require(Tokenizer, "vocabulary", "tokenizer");
        return Language.Tokenization.Tokenizer.Load(Tokenizer);
    }

    /// <summary>Says which stage must run first when a file that it makes is missing.</summary>
    /// <exception cref="NoosException">The file is missing.</exception>
    public void Require(string path, string what, string stage)
    {
        if (!File.Exists(path))
        {
            throw new NoosException($"There is no {what} for {Name} in '{Root}' yet; make it with 'noos {stage} RECIPE --data FOLDER', or everything with 'noos make'.");
        }
    }

    public string TrainShard(string source) => ShardBuilder.TrainPath(Shards, source);

    public string HeldOutShard(string source) => ShardBuilder.HeldOutPath(Shards, source);
}
