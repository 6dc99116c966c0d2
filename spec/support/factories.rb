# frozen_string_literal: true

require "securerandom"

# Rows of the dummy's tables.
module Factories
  EMAIL_KEYS = %i[email verified is_school_issued].freeze
  private_constant :EMAIL_KEYS

  # An activated user, with an e-mail address if one is given.
  #
  #   create_user(email: "a@b.edu", verified: false, is_school_issued: true, faculty_status: :confirmed_faculty)
  def create_user(email: nil, verified: true, is_school_issued: nil, **columns)
    User.create!(state: "activated", **columns).tap do |user|
      create_email(user, email, verified:, is_school_issued:) if email
    end
  end

  def create_email(user, value, verified: true, is_school_issued: nil, **columns)
    EmailAddress.create!(user:, value:, verified:, is_school_issued:, **columns)
  end

  # Thousands of users without callbacks; their ids, in order. The block says what create_user would be given:
  #
  #   create_users(10_000) { |n| { email: "teacher#{n}@example.edu", is_newflow: n.odd? } }
  def create_users(count, &row) # rubocop:disable Naming/BlockForwarding -- Ruby 3.3.0 forbids it within a block
    (0...count).each_slice(1000).flat_map do |numbers|
      rows = numbers.map(&row) # rubocop:disable Naming/BlockForwarding
      ids = insert_users(rows.map { |columns| columns.except(*EMAIL_KEYS) })
      with_email = ids.zip(rows).select { |_, columns| columns[:email] }
      insert_emails(with_email.map { |id, columns| email_row(id, **columns.slice(*EMAIL_KEYS)) })
      ids
    end
  end

  # Thousands of addresses: rows of user_id, value, and what else there is to say.
  def insert_emails(rows)
    rows.each_slice(1000) do |slice|
      insert_rows(EmailAddress, slice.map { |row| { type: "EmailAddress", verified: true, **row } })
    end
  end

  private

  def insert_users(rows)
    rows = rows.map do |row|
      { uuid: SecureRandom.uuid, support_identifier: SecureRandom.hex, state: "activated", **row }
    end
    insert_rows(User, rows)
    ids = User.where(uuid: rows.pluck(:uuid)).pluck(:uuid, :id).to_h # SQLite returned none before Rails 7.1
    ids.values_at(*rows.pluck(:uuid))
  end

  def email_row(user_id, email:, verified: true, is_school_issued: nil)
    { user_id:, value: email, verified:, is_school_issued: }
  end

  # All rows must have the same keys, so what one of them leaves out gets its default; and Rails 6.1 writes an enum's
  # symbol as 0.
  def insert_rows(model, rows)
    now = Time.current
    defaults = model.column_defaults.symbolize_keys.slice(*rows.flat_map(&:keys).uniq)
    types = model.attribute_types.symbolize_keys
    model.insert_all!(rows.map do |row|
      columns = { **defaults, created_at: now, updated_at: now, **row }
      columns.to_h { |name, value| [name, types.fetch(name).serialize(value)] }
    end)
  end

  RSpec.configure { |config| config.include self }
end
