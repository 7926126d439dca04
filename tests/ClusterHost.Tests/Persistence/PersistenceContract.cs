using Akka.Actor;
using Akka.Persistence.Query;
using Akka.Persistence.Sql.Query;
using Akka.Streams;
using Akka.Streams.Dsl;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Persistence;

/// <summary>What entities expect of any database; each provider runs the same specs.</summary>
/// <param name="provider">One node after the other on one database: each spec has entities of its own.</param>
public abstract class PersistenceContract(NodeOnProvider provider)
{
    private static readonly TimeSpan Patience = Waiting.Patience;

    [Fact]
    public async Task An_acknowledged_event_is_there_after_a_restart()
    {
        var entity = Entity("e-1");
        Assert.Equal(1, await entity.Ask<int>(Event("one"), Patience));
        Assert.Equal(2, await entity.Ask<int>(Event("two"), Patience));

        await provider.Restart();
        Assert.Equal(2, await Entity("e-1").Ask<int>("count", Patience));
    }

    [Fact]
    public async Task A_snapshot_stands_for_the_events_deleted_behind_it()
    {
        var entity = Entity("e-2");
        for (var i = 1; i <= 5; i++)
        {
            Assert.Equal(i, await entity.Ask<int>(Event($"{i}"), Patience));
        }

        var saved = provider.System.ActorOf(Props.Create(() => new FirstAnswer()));
        entity.Tell(saved);
        entity.Tell(new CountingEntity.SaveSnapshotNow());
        Assert.Equal(5L, await saved.Ask<long>("?", Patience));
        Assert.Equal(6, await entity.Ask<int>(Event("six"), Patience));

        await provider.Restart();
        Assert.Equal(6, await Entity("e-2").Ask<int>("count", Patience));
    }

    [Fact]
    public async Task Events_are_read_back_in_order_with_their_bytes()
    {
        var entity = Entity("e-3");
        foreach (var name in new[] { "a", "b", "c" })
        {
            await entity.Ask<int>(Event(name), Patience);
        }

        var journal = PersistenceQuery
            .Get(provider.System)
            .ReadJournalFor<SqlReadJournal>("akka.persistence.query.journal.sql");
        var events = await journal
            .CurrentEventsByPersistenceId("e-3", 0, long.MaxValue)
            .RunWith(Sink.Seq<EventEnvelope>(), provider.System.Materializer())
            .WaitAsync(Patience);

        Assert.Equal([1L, 2L, 3L], events.Select(e => e.SequenceNr));
        Assert.Equal([Event("a"), Event("b"), Event("c")], events.Select(e => (ProfileUpdated)e.Event));
    }

    [Fact]
    public async Task Many_entities_write_at_once_and_none_is_lost()
    {
        var entities = Enumerable.Range(0, 50).Select(i => Entity($"many-{i}")).ToArray();
        var answers = await Task.WhenAll(
            entities.SelectMany(e => Enumerable.Range(0, 10).Select(i => e.Ask<int>(Event($"{i}"), Patience)))
        );

        Assert.Equal(Enumerable.Range(0, 500).Select(i => (i / 50) + 1), answers.Order());
    }

    private IActorRef Entity(string id) => provider.System.ActorOf(Props.Create(() => new CountingEntity(id)));

    private static ProfileUpdated Event(string name) =>
        new()
        {
            Header = new EventHeader { CausationId = name },
            Profile = new Features
            {
                Items =
                {
                    new Feature { Name = name, Number = 1 },
                },
            },
        };

    private sealed class FirstAnswer : ReceiveActor
    {
        public FirstAnswer()
        {
            IActorRef? asker = null;
            object? answer = null;
            Receive<string>(_ =>
            {
                asker = Sender;
                Give();
            });
            ReceiveAny(message =>
            {
                answer = message;
                Give();
            });

            void Give()
            {
                if (asker is not null && answer is not null)
                {
                    asker.Tell(answer);
                }
            }
        }
    }
}
