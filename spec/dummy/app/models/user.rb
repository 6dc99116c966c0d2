# frozen_string_literal: true

require "securerandom"

# A person with an account, with the callbacks that a sync sets off when it saves one.
class User < ApplicationRecord
  choices :faculty_status, no_faculty_info: 0, pending_faculty: 1, confirmed_faculty: 2, rejected_faculty: 3,
                           pending_sheerid: 4, rejected_by_sheerid: 5, incomplete_signup: 6
  choices :school_type, unknown_school_type: 0, other_school_type: 1, college: 2, high_school: 3, k12_school: 4,
                        home_school: 5
  choices :school_location, unknown_school_location: 0, domestic_school: 1, foreign_school: 2

  has_many :contact_infos, dependent: :destroy, inverse_of: :user
  has_many :application_users, dependent: :destroy, inverse_of: :user
  has_many :security_logs, inverse_of: :user

  scope :activated, -> { where(state: "activated") }
  scope :legacy, -> { where(is_newflow: false) }

  before_validation :fill_in_identifiers, on: :create
  before_validation :tidy_names
  validates :uuid, :support_identifier, uniqueness: true
  validates :support_identifier, length: { maximum: 40 }
  before_save :announce_to_applications

  # Guesses the best address for mail to this person: never an unverified one; rather the newest that was typed in by
  # hand (only those were sent a confirmation) than the oldest that a login provider brought along.
  def guessed_preferred_confirmed_email
    verified = contact_infos.select(&:verified).sort_by(&:id)
    best = verified.reverse.find(&:confirmation_sent_at) || verified.first
    best&.value
  end

  private

  def fill_in_identifiers
    self.uuid ||= SecureRandom.uuid
    self.support_identifier ||= "cs_#{SecureRandom.hex(4)}"
  end

  # A save may change a name, though nobody asked for it.
  def tidy_names
    self.first_name = first_name&.squish
    self.last_name = last_name&.squish
  end

  # The counter is how the client apps learn that they have to fetch this user again.
  def announce_to_applications
    ApplicationUser.where(user_id: id).update_all("unread_updates = unread_updates + 1") if persisted?
  end
end
