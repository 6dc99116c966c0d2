# frozen_string_literal: true

require "rails_helper"
require "support/moving_contacts"
require "support/moody_host"

# Users who get contacts that other users have: each other's, or one after the other.
RSpec.describe "users who get each other's contacts" do
  include MovingContacts
  include MoodyHost

  # All that a plan of the specs may cost.
  allowed = { relink: 999, unlink: 999, effects: 999, contacts: 0 }.freeze

  def place_sync(way, name = "PlaceSync", model: "User", &more)
    stub_const(name, Class.new(CrmSync::ContactSync)).tap do |sync|
      sync.contacts "Contact"
      sync.model model, foreign_key: :salesforce_contact_id
      sync.match_by(:contact_infos, column: :value, to: %w[Email], leads: %w[Email]) { trust :verified }
      sync.attribute :last_name, from: "LastName"
      sync.write way
      sync.class_exec(&more) if more
    end
  end

  # Contacts, each with a user who is linked to it.
  def linked(count)
    @contacts = Array.new(count) { |n| contact("c#{n}@b.edu") }
    salesforce_has(*@contacts, contact("free@b.edu").tap { |free| @free = free })
    @users = @contacts.map { |row| linked_user(row) }
  end

  # Everybody gets the contact of the next one, and the last one that of the first.
  def ring(users = @users, contacts = @contacts) = users.zip(contacts.rotate).to_h

  # Everybody gets the contact of the next one, and the last one a free one.
  def chain = @users.zip([*@contacts.drop(1), @free]).to_h

  def links(users = @users) = users.map { |user| user.reload.salesforce_contact_id }

  def ids_of(*contacts) = contacts.flatten(1).map { |row| row["Id"] }

  def past(run) = CrmSync::ChangeRow.where(run_id: run.id).count

  # Runs the block while somebody else keeps the row of the user locked.
  def while_locked(user)
    locked = Queue.new
    done = Queue.new
    other = job { User.transaction { User.lock.find(user.id) && (locked << true) && done.pop } }
    locked.pop
    yield
  ensure
    done << true
    other.join
  end

  on_each_database do |kind|
    ways = kind == :postgresql ? %i[records set_based] : %i[records]

    [nil, :unique].each do |index|
      context index ? "with a unique index" : "without an index" do
        if index
          using_database kind, fresh: true
          before(:context) { User.connection.add_index(:users, :salesforce_contact_id, unique: true, name: "one_user") }
        end

        ways.each do |way|
          [2, 3, 7].each do |count|
            it "writes a ring of #{count} in one run, and undoes it, with #{way}" do
              linked(count)
              plan = moves(place_sync(way), ring)
              before = links
              run = plan.apply(allow: allowed)
              expect(run).to have_attributes(stale: {}, errors: [], applied: have_attributes(size: count))
              expect([links, past(run)]).to eq([ids_of(@contacts.rotate), count])
              undone = run.undo!
              expect(undone).to have_attributes(status: :applied, stale: {}, errors: [])
              expect(links).to eq(before)
            end
          end

          it "writes a chain in one run, and undoes it, with #{way}" do
            linked(5)
            before = links
            run = moves(place_sync(way), chain).apply(allow: allowed)
            expect(run).to have_attributes(status: :applied, stale: {}, errors: [], applied: have_attributes(size: 5))
            expect(links).to eq(ids_of(@contacts.drop(1), [@free]))
            expect(run.undo!).to have_attributes(status: :applied, stale: {}, errors: [])
            expect(links).to eq(before)
          end

          it "writes who gets the contact of one who is unlinked, and who was not linked before, with #{way}" do
            linked(2)
            newcomer = create_user
            run = moves(place_sync(way), { newcomer => @contacts[0], @users[0] => @contacts[1], @users[1] => nil })
                  .apply(allow: allowed)
            expect(run).to have_attributes(stale: {}, errors: [], applied: have_attributes(size: 3))
            expect(links([newcomer, *@users])).to eq([*ids_of(@contacts), nil])
            expect(run.undo!).to have_attributes(stale: {}, errors: [])
            expect(links([newcomer, *@users])).to eq([nil, *ids_of(@contacts)])
          end

          it "writes rings and chains beside other changes, with #{way}" do
            linked(8)
            others = create_user
            rings = { **ring(@users[0, 2], @contacts[0, 2]), **ring(@users[2, 3], @contacts[2, 3]) }
            tail = { @users[5] => @contacts[6], @users[6] => @contacts[7], @users[7] => nil, others => @free }
            run = moves(place_sync(way), { **tail, **rings }).apply(allow: allowed)
            expect(run).to have_attributes(stale: {}, errors: [], applied: have_attributes(size: 9))
            expect(links([*@users, others]))
              .to eq(ids_of(@contacts[0, 2].rotate, @contacts[2, 3].rotate, @contacts[6, 2]) + [nil, @free["Id"]])
          end

          it "finds a ring where the ids are stored short, with #{way}" do
            linked(2)
            @users.each { |user| user.update_columns(salesforce_contact_id: user.salesforce_contact_id.first(15)) }
            run = moves(place_sync(way), ring).apply(allow: allowed)
            expect(run).to have_attributes(stale: {}, errors: [])
            expect(links).to eq(ids_of(@contacts.rotate))
          end

          { "another contact is linked" => [->(user) { user.update_columns(salesforce_contact_id: "003000000000001") },
                                            "its contact is another one"],
            "the record is gone" => [lambda(&:delete), "it is gone"],
            "a written column has changed" => [->(user) { user.update_columns(last_name: "Lee") },
                                               "last_name has changed"] }.each do |what, (by_another_hand, why)|
            it "writes none where something has moved of one: #{what}, with #{way}" do
              linked(3)
              plan = moves(place_sync(way), ring) do |user|
                next unless user == @users[1]

                { "before" => { "last_name" => user.last_name }, "after" => { "last_name" => "New" } }
              end
              by_another_hand.call(@users[1])
              before = User.order(:id).pluck(:salesforce_contact_id, :last_name)
              run = plan.apply(allow: allowed)
              told = "it would change places with user #{@users[1].id}, which is not possible: #{why}"
              expect(run.stale.transform_keys(&:key))
                .to eq(@users[0].id => told, @users[1].id => why, @users[2].id => told)
              expect([User.order(:id).pluck(:salesforce_contact_id, :last_name), past(run)]).to eq([before, 0])
            end
          end
        end
      end
    end

    ways.each do |way|
      it "writes none where somebody else has one of the contacts by now, with #{way}" do
        linked(2)
        plan = moves(place_sync(way), ring)
        create_user(salesforce_contact_id: @contacts[1]["Id"])
        run = plan.apply(allow: allowed)
        expect(run.stale.transform_keys(&:key)).to match(
          @users[0].id => "the contact is another's by now",
          @users[1].id => /it would change places with user #{@users[0].id}, which is not possible: the contact is/
        )
        expect(links).to eq(ids_of(@contacts))
      end

      it "leaves a contact to who has it, where only the other one's change is asked for, with #{way}" do
        linked(2)
        run = moves(place_sync(way), { @users[0] => @contacts[1] }).apply(allow: allowed)
        expect(run.stale.values).to eq(["the contact is another's by now"])
        expect(links).to eq(ids_of(@contacts))
      end

      it "runs hooks and writes back for each, in the transaction, with #{way}" do
        linked(2)
        seen = []
        sync = place_sync(way) do
          after_link { |user, change| seen << [user.id, change.ids.values, User.connection.open_transactions] }
          write_back "Fax", with: :uuid, on: :link
        end
        run = moves(sync, ring).apply(allow: allowed)
        expect(run.errors).to eq([])
        expect(seen.map { |id, ids, _| [id, ids] })
          .to match_array(@users.zip(@contacts, @contacts.rotate).map { |user, *both| [user.id, ids_of(*both)] })
        expect(seen.map(&:last)).to all(be_positive)
        faxes = salesforce.records("Contact").to_h { |row| row.values_at("Id", "Fax") }
        expect(faxes.values_at(*ids_of(@contacts))).to eq(@users.rotate(-1).map(&:uuid))
      end

      it "writes none where a hook fails, and tells each why, with #{way}" do
        linked(2)
        second = @users[1].id
        sync = place_sync(way) { after_link { |user, _| raise "not this one" if user.id == second } }
        run = moves(sync, ring).apply(allow: allowed)
        expect(run.errors.map(&:to_a)).to include([second, "RuntimeError", "not this one"])
        told = [*run.errors.map(&:key), *run.stale.keys.map(&:key)]
        expect([told, links, past(run)]).to match([match_array(@users.map(&:id)), ids_of(@contacts), 0])
      end

      it "writes what is left where the host puts a column back, with #{way}" do
        linked(2)
        sync = moody_sync(way) { link_when :activated }
        plan = moves(sync, ring) do |user|
          { "before" => { "faculty_status" => user.faculty_status },
            "after" => { "faculty_status" => "confirmed_faculty" } }
        end
        moody(kind == :postgresql ? :trigger_puts_back : :callback_puts_back)
        run = plan.apply(allow: { **allowed, demote: 99, promote: 99 })
        expect(run).to have_attributes(stale: {}, errors: [], applied: have_attributes(size: 2))
        expect(run.issues.map(&:kind)).to include(:put_back)
        expect([links, @users.map { |user| user.reload.faculty_status }.uniq])
          .to eq([ids_of(@contacts.rotate), ["no_faculty_info"]])
      end

      it "writes none where the host keeps a contact, with #{way}" do
        linked(2)
        sync = moody_sync(way) { link_when :activated }
        plan = moves(sync, ring)
        moody(:trigger_keeps_link)
        run = plan.apply(allow: allowed)
        expect(run.applied).to eq([])
        expect(run.issues.map(&:kind)).to include(:put_back)
        expect([links, past(run)]).to eq([ids_of(@contacts), 0])
      end

      it "keeps in the history what a hook has committed before it failed, with #{way}" do
        linked(2)
        execute = ->(sql) { User.connection.execute(sql) }
        sync = place_sync(way) { after_link { %w[COMMIT BEGIN].each(&execute) && raise("oops") } }
        run = moves(sync, ring).apply(allow: allowed)
        stored = @users.zip(ids_of(@contacts.rotate)).select { |user, id| user.reload.salesforce_contact_id == id }
        expect(stored).not_to be_empty
        expect(run.applied.map(&:key)).to eq(stored.map { |user, _| user.id })
        expect([past(run), run.errors.map(&:message)]).to match([stored.size, include(/oops.*stays: users?/)])
      end

      it "holds no lock on others, and waits for a moment for who is locked, with #{way}" do
        next if kind == :sqlite

        linked(3)
        plan = moves(place_sync(way), ring)
        run = while_locked(@users[1]) { plan.apply(allow: allowed) }
        expect(run.errors.map { |error| [error.key, error.message] })
          .to match_array(@users.map { |user| [user.id, /somebody else keeps its row/] })
        expect(links).to eq(ids_of(@contacts))
        expect(plan.apply(allow: allowed).applied.size).to eq(3)
      end

      it "lets all of a ring that was undone go back or none, with #{way}" do
        linked(2)
        run = moves(place_sync(way), ring).apply(allow: allowed)
        @users[0].reload.update_columns(salesforce_contact_id: @free["Id"])
        undone = run.undo!
        expect(undone.applied).to eq([])
        expect(undone.stale.transform_keys(&:key)).to match(
          @users[0].id => /salesforce_contact_id is #{@free["Id"]} now/,
          @users[1].id => /it would change places with user #{@users[0].id}, which is not possible: /
        )
        expect(links).to eq([@free["Id"], @contacts[0]["Id"]])
      end
    end

    it "has a model's uniqueness validation find the contacts free, and its callbacks the contact of before" do
      stub_const("Strict", Class.new(User))
      Strict.has_many :contact_infos, foreign_key: :user_id
      Strict.validates :salesforce_contact_id, uniqueness: true
      seen = []
      Strict.after_save { |user| seen << user.saved_change_to_salesforce_contact_id }
      linked(2)
      run = moves(place_sync(:records, model: "Strict"), ring).apply(allow: allowed)
      expect(run).to have_attributes(stale: {}, errors: [], applied: have_attributes(size: 2))
      expect(seen).to match_array([ids_of(@contacts), ids_of(@contacts.reverse)])
    end

    it "has the callbacks of each run after the commit, also if a hook of another one has saved it before" do
      stub_const("Followed", Class.new(User))
      Followed.has_many :contact_infos, foreign_key: :user_id
      linked(2)
      first, second = @users
      sync = place_sync(:records, model: "Followed") do
        after_link { |user, _| Followed.find(second.id).update!(last_name: "Hooked") if user.id == first.id }
      end
      seen = []
      Followed.after_commit { seen << id if saved_change_to_salesforce_contact_id? }
      moves(sync, ring).apply(allow: allowed)
      expect(seen).to eq(@users.map(&:id))
    end

    it "judges them while they have their contacts: a scope may ask for one" do
      stub_const("Linked", Class.new(User) { default_scope { where.not(salesforce_contact_id: nil) } })
      Linked.has_many :contact_infos, foreign_key: :user_id
      linked(2)
      run = moves(place_sync(:records, model: "Linked"), ring).apply(allow: allowed)
      expect(run).to have_attributes(stale: {}, errors: [], applied: have_attributes(size: 2))
    end

    it "does not write over what a hook of another one has written, and writes none then" do
      linked(2)
      first, second = @users
      sync = place_sync(:records) do
        after_link { |user, _| User.where(id: second.id).update_all(last_name: "Hooked") if user.id == first.id }
      end
      plan = moves(sync, ring) do |user|
        { "before" => { "last_name" => user.last_name }, "after" => { "last_name" => "New" } }
      end
      run = plan.apply(allow: allowed)
      expect(run.applied).to eq([])
      expect(run.stale.transform_keys(&:key)).to include(second.id => "last_name has changed")
      expect([links, second.reload.last_name]).to eq([ids_of(@contacts), nil])
    end
  end
end
