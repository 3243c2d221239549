namespace Noos.Inference.Constraints.Grammar;

/// <summary>What must be known of a whole grammar before it can be used: which parts can be empty, which have no text at all.</summary>
static class GrammarAnalysis
{
    /// <summary>Prepares a grammar. False when no text at all is in its language.</summary>
    public static bool Prepare(GrammarNode root)
    {
        var nodes = Reachable(root);
        var hasText = new HashSet<GrammarNode>(ReferenceEqualityComparer.Instance);
        Repeat(nodes, node => !hasText.Contains(node) && node.HasText(hasText.Contains) && hasText.Add(node));

        if (!hasText.Contains(root))
        {
            return false;
        }

        foreach (var node in hasText)
        {
            node.Prune(hasText.Contains);
        }

        Repeat(nodes, node => node.UpdateNullable());
        Repeat(nodes, node => node.UpdateReadsTokens());
        return true;
    }

    /// <summary>A rule that begins with itself, of a prepared grammar; null when there is none.</summary>
    public static GrammarNode? FindLeftRecursion(GrammarNode root)
    {
        var isDone = new Dictionary<GrammarNode, bool>(ReferenceEqualityComparer.Instance);
        foreach (var start in Reachable(root))
        {
            var path = new Stack<(GrammarNode Node, IEnumerator<GrammarNode> Next)>();
            Enter(start);
            while (path.TryPeek(out var top))
            {
                if (!top.Next.MoveNext())
                {
                    isDone[path.Pop().Node] = true;
                }
                else if (isDone.TryGetValue(top.Next.Current, out var done) && !done)
                {
                    return path.Select(one => one.Node).Append(top.Next.Current).FirstOrDefault(node => node is RuleNode)
                        ?? top.Next.Current;
                }
                else
                {
                    Enter(top.Next.Current);
                }
            }

            void Enter(GrammarNode node)
            {
                if (isDone.TryAdd(node, false))
                {
                    path.Push((node, node.FirstParts.GetEnumerator()));
                }
            }
        }

        return null;
    }

    public static List<GrammarNode> Reachable(GrammarNode root)
    {
        var seen = new HashSet<GrammarNode>(ReferenceEqualityComparer.Instance) { root };
        var nodes = new List<GrammarNode> { root };
        for (var index = 0; index < nodes.Count; index++)
        {
            nodes.AddRange(nodes[index].Parts.Where(seen.Add));
        }

        // Parts before wholes: most facts are then known after one round.
        nodes.Reverse();
        return nodes;
    }

    /// <summary>Learns from all nodes until a round brings nothing new.</summary>
    static void Repeat(List<GrammarNode> nodes, Func<GrammarNode, bool> learn)
    {
        for (var hasLearnt = true; hasLearnt;)
        {
            hasLearnt = false;
            foreach (var node in nodes)
            {
                hasLearnt |= learn(node);
            }
        }
    }
}
