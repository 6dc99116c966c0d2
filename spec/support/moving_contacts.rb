# frozen_string_literal: true

require "json"
require_relative "contact_sync_world"

# Plans in which users get contacts that others have, as a file has them that was made by hand.
#
#   plan = moves(sync, ann => bobs_contact, bob => anns_contact)
module MovingContacts
  def self.included(group)
    group.include ContactSyncWorld
  end

  # A plan in which each of these users gets the contact; nil is an unlink. The block may say more of a user's change.
  def moves(sync, contacts, &more) # rubocop:disable Naming/BlockForwarding -- Ruby 3.3.0 forbids it within a block
    path = File.join(scratch, "moves.plan")
    sync.plan.save(path)
    header = JSON.parse(File.readlines(path).first)
    rows = contacts.map { |user, contact| move(sync, user, contact && contact["Id"], &more) } # rubocop:disable Naming/BlockForwarding
    codec = sync.planner.codec
    loaded = rows.map { |row| codec.load(row, ->(why) { raise why }) }
    books = { "changes" => { "rows" => rows.size, "buckets" => { "by_hand" => rows.size }, "notes" => {} } }
    seal(path, [{ **header, "digest" => CrmSync::Plan.digest(loaded), "ledger" => books }, *rows])
    CrmSync::Plan.load(path)
  end

  private

  def move(sync, user, contact)
    link = sync.declaration.foreign_key.to_s
    user.reload
    action = contact ? "relink" : "unlink"
    action = "link" unless user[link]
    row = { "action" => action, "key" => user.id, "contact" => contact, "premises" => { "link" => user[link] }.compact,
            "before" => { link => user[link] }, "after" => { link => contact }, "reason" => "by hand", "budgets" => [] }
    return row unless block_given?

    yield(user).to_a.each { |side, values| row[side].merge!(values) }
    row
  end

  def seal(path, lines)
    text = lines.map { |line| "#{JSON.generate(line)}\n" }.join
    File.write(path, "#{text}#{JSON.generate(seal: CrmSync::Signature.of(text))}\n")
  end
end
